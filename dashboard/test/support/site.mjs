// Serves dashboard/dist as the node does, with the header that docs/dashboard.md asks for, and answers its paths from
// an object that a test sets.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../scripts/support/local-chain.mjs";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** The header that a server of the page should send. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' http: https:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/**
 * Starts a server of the page.
 * @param answers path -> value, or a function that gives one; null means 404, `{ status, body }` another status.
 *   The object may be changed while the server runs.
 */
export async function startSite(answers) {
  const site = { answers, asked: {}, down: false };
  const server = createServer(({ url, socket }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    site.asked[pathname] = (site.asked[pathname] ?? 0) + 1;
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const headers = { "content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": "no-store" };
    const type = TYPES[name.split(".").at(-1)];
    if (type && ["index.html", "app.js", "style.css"].includes(name)) {
      return response.writeHead(200, { ...headers, "content-type": type }).end(readFileSync(join(ROOT, "dashboard/dist", name)));
    }
    if (site.down) return socket.destroy();
    const found = site.answers[pathname];
    const value = typeof found === "function" ? found() : found;
    if (value === undefined || value === null) return response.writeHead(404, headers).end();
    const { status, body } = value.status && value.body ? value : { status: 200, body: value };
    response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  site.url = `http://127.0.0.1:${server.address().port}/`;
  site.close = () => (server.close(), server.closeAllConnections());
  return site;
}
