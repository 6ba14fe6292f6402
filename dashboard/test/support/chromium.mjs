// The browser of the page's tests: Debian's Chromium, or the one that CHROMIUM names.
import { execFileSync, spawnSync } from "node:child_process";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** Chromium, and a font with the figures that the page asks for. */
const PACKAGES = ["chromium", "fonts-inter", "fonts-liberation"];

/** The program's path; installs it where that is possible, and says what to do where it is not. */
export function chromium() {
  const found = process.env.CHROMIUM ?? NAMES.map(onPath).find(Boolean);
  if (found) return found;
  if (process.getuid?.() === 0 && onPath("apt-get")) {
    console.log(`installing ${PACKAGES.join(", ")} from Debian`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...PACKAGES], { stdio: ["ignore", "ignore", "inherit"], env });
    const installed = onPath("chromium");
    if (installed) return installed;
  }
  throw new Error("no Chromium found: install it (on Debian: apt-get install chromium) or name one with CHROMIUM=<path>");
}

function onPath(name) {
  const { status, stdout } = spawnSync("which", [name], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}
