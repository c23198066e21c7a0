// nodemailer.js - sends one mail with Debian's nodemailer.
//
//   nodemailer.js OPTIONS MESSAGE     both JSON: of the transport, of the mail
//
// Exit status 0 when it was taken; else the error is printed.
"use strict";

const path = ["nodemailer", "/usr/share/nodejs/nodemailer"].find((name) => {
	try {
		return require.resolve(name);
	} catch (error) {
		return false;
	}
});
if (path === undefined)
	process.exit(77);

const [options, message] = process.argv.slice(2).map((text) => JSON.parse(text));
const transport = require(path).createTransport({
	host: "localhost",
	name: "client.example",
	connectionTimeout: 20000,
	...options,
});
transport.sendMail(message).then((info) => {
	console.log(info.response);
	transport.close();
}).catch((error) => {
	console.log(`${error.code} ${error.responseCode} ${error.message}`);
	process.exit(1);
});
