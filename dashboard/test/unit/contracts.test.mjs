// The page's picture of the contracts against what forge compiled.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Interface } from "ethers";
import { GATEWAY, MODULE, ORACLE, TOKEN, VERIFIER } from "../../src/chain/abi.js";

const compiled = (file, name) =>
  new Interface(JSON.parse(readFileSync(new URL(`../../../out/${file}.sol/${name}.json`, import.meta.url), "utf8")).abi);

for (const [name, ours, file, contract] of [
  ["ORACLE", ORACLE, "ISignalOracle", "ISignalOracle"],
  ["GATEWAY", GATEWAY, "ISignalVerifierGateway", "ISignalVerifierGateway"],
  ["VERIFIER", VERIFIER, "ISignalVerifier", "ISignalVerifier"],
  ["MODULE", MODULE, "RebalanceModule", "RebalanceModule"],
  ["TOKEN", TOKEN, "IERC20Metadata", "IERC20Metadata"],
]) {
  test(`${name} agrees with ${contract}, names and types`, () => {
    const theirs = compiled(file, contract);
    const shape = (fragment) => ({ in: types(fragment.inputs), out: types(fragment.outputs ?? []) });
    for (const fragment of ours.fragments) {
      const other = fragment.type === "event" ? theirs.getEvent(fragment.name) : theirs.getFunction(fragment.name);
      assert.ok(other, `${fragment.name} does not exist`);
      if (fragment.type === "event") assert.equal(fragment.topicHash, other.topicHash);
      else assert.equal(fragment.selector, other.selector);
      assert.deepEqual(shape(fragment), shape(other), fragment.name);
    }
  });
}

/** Types in depth, with the names of struct members in their order: results are read by name. */
const types = (params) => params.map((param) => typeOf(param));
const typeOf = (param) => {
  if (param.arrayChildren) return [typeOf(param.arrayChildren)];
  if (param.components) return param.components.map((member) => [member.name, typeOf(member)]);
  return param.indexed ? `${param.type} indexed` : param.type;
};
