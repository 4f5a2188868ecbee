"""What a message costs a server in CPU time, next to other servers."""
