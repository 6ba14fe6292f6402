// Checks of what a node answers: another version's answer must become a sentence, not a broken page.

/** An answer that is not what was agreed. */
export class BadAnswer extends Error {}

/** The value, if `good` says so. */
export function want(good, value, what) {
  if (!good) throw new BadAnswer(`the node's answer has no good ${what}`);
  return value;
}

export const isText = (value) => typeof value === "string";
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
export const isBoolean = (value) => typeof value === "boolean";
export const isNullOr = (check, value) => value === null || value === undefined || check(value);

/** Asks a node's path for JSON; rejects with a sentence. */
export async function askNode(url, fetcher = fetch) {
  let answer;
  try {
    answer = await fetcher(url, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    throw new Error(error?.name === "TimeoutError" ? "the node does not answer in time" : "the node does not answer");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.error?.message ?? `the node answers with status ${answer.status}`);
  if (body === null) throw new BadAnswer("the node's answer is not JSON");
  return body;
}
