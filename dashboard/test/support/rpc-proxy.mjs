// A proxy before the chain's RPC: counts what the page asks, and answers as a bad RPC would.
import { createServer } from "node:http";

const HEADERS = { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "content-type": "application/json" };

/**
 * Starts a proxy of `rpc`. Its fields may be set at any time:
 *   alter(request, answer)  changes an answer before the page gets it
 *   refuse(request)         an error object instead of an answer, or nothing
 *   down                    every connection is cut
 */
export async function startProxy(rpc) {
  const proxy = { calls: [], requests: 0, alter: null, refuse: null, down: false, batches: true };
  const server = createServer(async (request, response) => {
    if (proxy.down) return request.socket.destroy();
    if (request.method === "OPTIONS") return response.writeHead(204, HEADERS).end();
    const body = JSON.parse(await text(request));
    proxy.requests += 1;
    if (Array.isArray(body) && !proxy.batches) {
      const error = { code: -32600, message: "batches are not supported" };
      return response.writeHead(200, HEADERS).end(JSON.stringify({ jsonrpc: "2.0", id: null, error }));
    }
    const answers = await Promise.all([body].flat().map((one) => answer(one)));
    response.writeHead(200, HEADERS).end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  });

  async function answer(request) {
    proxy.calls.push(request);
    const error = proxy.refuse?.(request);
    if (error) return { jsonrpc: "2.0", id: request.id, error };
    const headers = { "content-type": "application/json" };
    const asked = await fetch(rpc, { method: "POST", headers, body: JSON.stringify(request) });
    const answered = await asked.json();
    return proxy.alter?.(request, answered) ?? answered;
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${server.address().port}`;
  proxy.close = () => (server.close(), server.closeAllConnections());
  /** Back to an honest RPC. */
  proxy.honest = () => Object.assign(proxy, { calls: [], requests: 0, alter: null, refuse: null, down: false, batches: true });
  return proxy;
}

async function text(request) {
  let all = "";
  for await (const part of request) all += part;
  return all;
}
