// Writes an auth-profiles.json as OpenClaw 2026.4.5 does: its lock, its retries, its way to put a file in place.
//   node openclaw-writer.mjs FILE ROUNDS
// Adds 1 to usageStats.shared.failureCounts.n each round; prints how often it had to start waiting anew.
import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [file, rounds] = [process.argv[2], Number(process.argv[3])];
const lock = `${file}.lock`;
const STALE = 30_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function isStale() {
  try {
    const { pid, createdAt } = JSON.parse(readFileSync(lock, "utf8"));
    if (pid && !isAlive(pid)) return true;
    const made = Date.parse(createdAt);
    if (Number.isFinite(made)) return Date.now() - made > STALE;
  } catch {
    // No lock, or none that can be read: its age decides.
  }
  try {
    return Date.now() - statSync(lock).mtimeMs > STALE;
  } catch {
    return false;
  }
}

async function acquire() {
  for (let attempt = 0; attempt <= 10; attempt++) {
    try {
      const handle = openSync(lock, "wx");
      writeSync(handle, JSON.stringify({ pid: process.pid, createdAt: new Date().toISOString() }, null, 2));
      closeSync(handle);
      return true;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isStale()) rmSync(lock, { force: true });
      await sleep(Math.min(10_000, 100 * 2 ** attempt) * (1 + Math.random()));
    }
  }
  return false;
}

let again = 0;
for (let round = 0; round < rounds; round++) {
  // OpenClaw would now write without the lock; this script does not, because that loses updates.
  while (!(await acquire())) again++;
  const store = JSON.parse(readFileSync(file, "utf8"));
  store.usageStats ??= {};
  store.usageStats.shared ??= {};
  const counts = (store.usageStats.shared.failureCounts ??= {});
  counts.n = (counts.n ?? 0) + 1;
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = openSync(temporary, "wx", 0o600);
  writeSync(handle, `${JSON.stringify(store, null, 2)}\n`);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(temporary, file);
  const folder = openSync(dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
  rmSync(lock, { force: true });
  await sleep(1);
}
console.log(JSON.stringify({ again }));
