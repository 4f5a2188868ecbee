// Node's smtp-server with a handler that reads every message and keeps nothing.
// Usage: node node_smtp_server.js PORT
'use strict';

const { SMTPServer } = require('smtp-server');

const server = new SMTPServer({
    name: 'server.example.com',
    authOptional: true,
    // The other servers offer neither: no keys are made, nothing is looked up.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, callback) {
        stream.on('end', () => callback(null));
        stream.on('error', callback);
        stream.resume();
    },
});

server.on('error', (error) => {
    // A client that breaks off is no reason to stop; a taken port is.
    if (error.syscall === 'listen') {
        throw error;
    }
});

server.listen(Number(process.argv[2]), '127.0.0.1');
