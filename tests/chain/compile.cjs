// node compile.cjs FILE.sol: the bytecode of the file's only contract, in hex, on standard output.
// Run it where node finds the package "solc".
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");

const solc = createRequire(path.join(process.cwd(), "package.json"))("solc");
const file = process.argv[2];
const answer = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources: { [file]: { content: fs.readFileSync(file, "utf8") } },
      settings: {
        // What every chain of the last years runs, whatever the compiler's newest is.
        evmVersion: "paris",
        optimizer: { enabled: true },
        outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
      },
    }),
  ),
);
const faults = (answer.errors ?? []).map((fault) => fault.formattedMessage);
if (faults.length > 0) {
  process.stderr.write(faults.join("\n"));
  process.exit(1);
}
const [contract] = Object.values(answer.contracts[file]);
process.stdout.write(`0x${contract.evm.bytecode.object}\n`);
