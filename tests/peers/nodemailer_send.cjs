// Sends one message with Nodemailer, as the JSON on standard input says.
"use strict";

const { readFileSync } = require("node:fs");
const nodemailer = require("nodemailer");

const order = JSON.parse(readFileSync(0, "utf8"));
const transport = nodemailer.createTransport(order.transport);

transport
  .sendMail({ envelope: order.envelope, raw: readFileSync(order.contentFile) })
  .then((info) => console.log(info.response))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
