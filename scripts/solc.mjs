#!/usr/bin/env node
// The solc of package.json behind the two calls forge makes: `--version`, and `--standard-json` with the
// input on stdin. Other flags (such as --allow-paths) are accepted and ignored: forge inlines every source.
import {readFileSync} from "node:fs";
import solc from "solc";

if (process.argv.includes("--version")) {
    console.log("solc, the solidity compiler commandline interface");
    console.log(`Version: ${solc.version()}`);
} else if (process.argv.includes("--standard-json")) {
    process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
    console.error("usage: solc.mjs --version | solc.mjs --standard-json < input.json");
    process.exit(2);
}
