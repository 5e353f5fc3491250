// How long jsondiffpatch and fast-json-patch take for pairs of documents, beside diffing::diff. Every measurement is a
// process of its own; the contestants take turns, medians over the rounds. Processor time, of all threads for node.
//
//   node diff_npm.mjs DIRECTORY --ours BENCH_DIFF --modules FOLDER [--rounds 5] [--only TEXT] [--seconds 60]
//
// DIRECTORY holds pairs NAME.left.json, NAME.right.json; FOLDER is where npm put the packages.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const libraries = ["jsondiffpatch", "fast-json-patch"];

function readOptions(words) {
  const options = { rounds: 5, only: "", seconds: 60 };
  for (let i = 0; i < words.length; ++i) {
    if (words[i].startsWith("--")) options[words[i].slice(2)] = words[++i];
    else options.directory = words[i];
  }
  return options;
}

// ---- one measurement, in a process of its own ----

async function loadLibrary(name, modules) {
  const require = createRequire(join(resolve(modules), "x.js"));
  if (name === "fast-json-patch") {
    const { compare } = require(name);
    return { diff: compare, count: (patch) => patch.length };
  }
  // A package of ES modules only: found by its folder, as import() knows no other root.
  const load = (file) => import(pathToFileURL(join(resolve(modules), "node_modules", name, "lib", file)).href);
  const { create } = await load("index.js");
  const { format } = await load("formatters/jsonpatch.js");
  // Elements without an id are told apart by their position, as its documentation advises.
  const differ = create({ objectHash: (element, index) => element.id ?? `$$index:${index}` });
  return { diff: (a, b) => differ.diff(a, b), count: (delta) => countOperations(delta, format) };
}

/// Its own writer of patches gives up on some deltas ("failed to apply all array moves").
function countOperations(delta, format) {
  try {
    return delta === undefined ? 0 : format(delta).length;
  } catch {
    return "no patch";
  }
}

const processorMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/// Milliseconds for one call: the median of batches, after the compiler had its time.
function measure(work) {
  const firstStart = processorMs();
  work();
  const first = processorMs() - firstStart;
  if (first > 1000) return first;
  for (const end = processorMs() + 200; processorMs() < end; ) work();
  const start = performance.now();
  work();
  const repeats = Math.max(1, Math.ceil(5 / Math.max(performance.now() - start, 1e-4)));
  const batches = [];
  for (const end = processorMs() + 300; batches.length < 5 || processorMs() < end; ) {
    const before = processorMs();
    for (let i = 0; i < repeats; ++i) work();
    batches.push((processorMs() - before) / repeats);
  }
  return median(batches);
}

async function measureOnce(name, modules, base) {
  const library = await loadLibrary(name, modules);
  const left = readFileSync(`${base}.left.json`, "utf8");
  const right = readFileSync(`${base}.right.json`, "utf8");
  const a = JSON.parse(left);
  const b = JSON.parse(right);
  let kept;
  const parse = measure(() => (kept = [JSON.parse(left), JSON.parse(right)]));
  const diff = measure(() => (kept = library.diff(a, b)));
  console.log(JSON.stringify({ parse, diff, operations: library.count(kept) }));
}

// ---- rounds ----

function runLibrary(name, base, options) {
  const script = fileURLToPath(import.meta.url);
  const words = ["--max-old-space-size=2048", script, base, "--measure", name, "--modules", options.modules];
  const run = spawnSync(process.execPath, words, { encoding: "utf8", timeout: options.seconds * 1000 });
  if (run.error?.code === "ETIMEDOUT" || run.signal) return { failed: `> ${options.seconds} s` };
  if (run.status !== 0) return { failed: /RangeError/.test(run.stderr) ? "stack" : `exit ${run.status}` };
  return JSON.parse(run.stdout);
}

/// Milliseconds and differences. From the throughput, which is printed with more digits than short times are.
function runOurs(base, options) {
  const name = base.split("/").pop();
  const words = [options.directory, "--only", `${name}.left.json`, "--no-nlohmann"];
  const lines = execFileSync(options.ours, words, { encoding: "utf8" }).split("\n");
  const cells = lines.find((line) => line.startsWith(`${name} `)).split(/\s+/);
  const bytes = statSync(`${base}.left.json`).size + statSync(`${base}.right.json`).size;
  const [ms, perSecond, , , found] = cells.slice(1).map(Number);
  return { all: perSecond > 0 ? bytes / 1000 / perSecond : ms, operations: found };
}

function rounds(base, options) {
  const ours = [];
  const theirs = Object.fromEntries(libraries.map((name) => [name, []]));
  const failed = {};
  for (let round = 0; round < options.rounds; ++round) {
    ours.push(runOurs(base, options));
    for (const name of libraries.filter((one) => !failed[one])) {
      const run = runLibrary(name, base, options);
      if (run.failed) failed[name] = run.failed;
      else theirs[name].push(run);
    }
  }
  return { ours, theirs, failed };
}

const shown = (ms) => (ms < 10 ? ms.toPrecision(3) : ms.toFixed(1));

function printPair(name, { ours, theirs, failed }) {
  const all = median(ours.map((run) => run.all));
  const cells = [name.padEnd(30), shown(all).padStart(9), String(ours[0].operations).padStart(8)];
  for (const library of libraries) {
    if (failed[library]) {
      cells.push(failed[library].padStart(46));
      continue;
    }
    const runs = theirs[library];
    const parse = median(runs.map((run) => run.parse));
    const diff = median(runs.map((run) => run.diff));
    const times = median(runs.map((run, i) => (run.parse + run.diff) / ours[i].all));
    const columns = [shown(parse), shown(diff), String(runs[0].operations), `x${shown(times)}`];
    cells.push(columns.map((cell, i) => cell.padStart(i === 2 ? 13 : 11)).join(""));
  }
  console.log(cells.join(" "));
}

function main(options) {
  const names = readdirSync(options.directory)
    .filter((file) => file.endsWith(".left.json") && file.includes(options.only))
    .map((file) => file.slice(0, -".left.json".length))
    .sort();
  const columns = ["parse ms", "diff ms", "operations", "times ours"];
  const heads = libraries.map((name) => columns.map((head, i) => head.padStart(i === 2 ? 13 : 11)).join(""));
  console.log(" ".repeat(49), libraries.map((name) => name.padStart(46)).join(" "));
  console.log("pair".padEnd(30), "ours ms".padStart(9), "found".padStart(8), heads.join(" "));
  for (const name of names) printPair(name, rounds(join(options.directory, name), options));
}

const options = readOptions(process.argv.slice(2));
if (options.measure) await measureOnce(options.measure, options.modules, options.directory);
else main(options);
