import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonRpcProvider } from "ethers";
import { describe, isRevert } from "../../src/chain/failure.js";

const provider = new JsonRpcProvider("http://127.0.0.1:1", 1, { staticNetwork: true });
/** What ethers makes of a node's answer to a call. */
const wrapped = (error) => provider.getRpcError({ id: 1, jsonrpc: "2.0", method: "eth_call", params: [{ to: null, data: "0x" }] }, { id: 1, error });

test("reverts are recognised whatever the node's dialect", () => {
  assert.ok(isRevert(wrapped({ code: 3, message: "execution reverted", data: "0x" })));
  assert.ok(isRevert(wrapped({ code: 3, message: "execution reverted", data: "0x3442a1a6" })));
  assert.ok(isRevert(wrapped({ code: 3, message: "VM error" })));
  assert.ok(isRevert(wrapped({ code: -32000, message: "execution reverted" })));
  assert.ok(isRevert(wrapped({ code: -32015, message: "VM execution error.", data: "Reverted 0x" })));
  assert.ok(isRevert(wrapped({ code: -32000, message: "invalid opcode: INVALID" })));
});

test("anything else says nothing about the contract", () => {
  for (const error of [
    wrapped({ code: -32005, message: "rate limit exceeded" }),
    wrapped({ code: -32000, message: "out of gas" }),
    wrapped({ code: -32000, message: "missing trie node" }),
    { code: "TIMEOUT" },
    { code: "SERVER_ERROR" },
    new TypeError("Failed to fetch"),
  ]) {
    assert.equal(isRevert(error), false, describe(error));
  }
});

test("descriptions are for people, and short", () => {
  assert.equal(describe(wrapped({ message: "rate limit exceeded" })), "the RPC answers: rate limit exceeded");
  assert.equal(describe(new TypeError("Failed to fetch")), "no connection");
  assert.equal(describe({ code: "TIMEOUT" }), "no answer in time");
  assert.ok(describe(wrapped({ message: "x".repeat(1_000) })).length < 200);
  assert.equal(describe(new Error("plain")), "plain");
});
