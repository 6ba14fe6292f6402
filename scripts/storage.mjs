#!/usr/bin/env node
// The storage layout of every contract that keeps state, as solc reports it, without what changes from one compilation
// to the next. A layout that moves shows in review: storage proofs and off-chain readers address slots by number.
//
//   node scripts/storage.mjs            rewrites snapshots/Storage.json      (make storage)
//   node scripts/storage.mjs --check    compares it                          (make test)
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "snapshots/Storage.json";
const CONTRACTS = ["SignalOracle", "SignalVerifierGateway", "RebalanceModule", "SignalAggregatorV3"];
// An artifact folder of its own: inspecting would make forge compile everything anew at the next build.
const env = { ...process.env, FOUNDRY_OUT: "target/storage/out", FOUNDRY_CACHE_PATH: "target/storage/cache" };

const found = JSON.stringify(Object.fromEntries(CONTRACTS.map((name) => [name, layout(name)])), null, 2) + "\n";
if (process.argv[2] !== "--check") {
  writeFileSync(FILE, found);
} else if (readFileSync(FILE, "utf8") !== found) {
  writeFileSync("target/storage/found.json", found);
  console.error(`storage: the layout differs from ${FILE} (diff it with target/storage/found.json; make storage accepts it)`);
  process.exit(1);
} else {
  console.log(`storage: ${CONTRACTS.length} layouts as in ${FILE}`);
}

function layout(contract) {
  const answer = execFileSync("forge", ["inspect", contract, "storageLayout", "--json"], { env, encoding: "utf8" });
  const { storage, types } = JSON.parse(answer);
  const members = Object.values(types ?? {}).filter((type) => type.members);
  return {
    storage: storage.map((variable) => place(variable, types)),
    structs: Object.fromEntries(
      members.map((type) => [type.label, type.members.map((member) => place(member, types))]).sort(),
    ),
  };
}

function place({ label, slot, offset, type }, types) {
  return { label, slot: Number(slot), offset, bytes: Number(types[type].numberOfBytes), type: types[type].label };
}
