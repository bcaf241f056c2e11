// TypeScript: imports a script's module and calls its main(), on bun or on Deno.
//
// Runs inside the cell, with nothing but one of them. `main` may also be the module's default export. The
// request and the answer are written down in runtimes/base.py; two more keys of the request are
// `made`, which parameters are to be made a date or a bigint, and `streams`, whether the script may
// write to the process's own streams; a script of Deno that bun runs has a `note` that says so. Arguments go to the parameters of main by name: the transpiled function
// still has its names, and is read from its own text. The answer ends the process; what was not
// awaited is not waited for.

import { read, readSync, writeSync } from 'node:fs';

const onDeno = 'Deno' in globalThis;
const RESULT_FD = 4;
const WRITE_TRIES = 20_000; // a millisecond each, where it cannot be told why a write fails
const TEXT_MAX = 20_000; // characters of a message or a stack

/** Deno uses no descriptor that it has not opened itself; the C library does. */
function descriptorsOfDeno() {
  const parameters = ['i32', 'buffer', 'usize'];
  const { symbols } = Deno.dlopen('libc.so.6', {
    read: { parameters, result: 'isize', nonblocking: true },
    write: { parameters, result: 'isize' },
  });
  const receive = async (fd, bytes) =>
    Math.max(0, Number(await symbols.read(fd, bytes, BigInt(bytes.length))));
  const send = (fd, bytes) => {
    const count = Number(symbols.write(fd, bytes, BigInt(bytes.length)));
    if (count < 0) throw Object.assign(new Error(`descriptor ${fd} cannot be written`), { code: 'EAGAIN' });
    return count;
  };
  return { receive, send };
}

/** `receive` and `send` as many bytes as there are, or as can be taken; 0 received is the end. */
const descriptors = {
  receive: (fd, bytes) =>
    new Promise((done) => {
      read(fd, bytes, 0, bytes.length, null, (error, count) => done(error ? 0 : count));
    }),
  send: (fd, bytes) => writeSync(fd, bytes),
};
const { receive, send } = onDeno ? descriptorsOfDeno() : descriptors;

class MainNotFoundError extends Error {}
class NotJsonError extends TypeError {}

function readRequest() {
  const pieces = [];
  for (;;) {
    const piece = Buffer.allocUnsafe(1 << 16);
    const size = readSync(0, piece, 0, piece.length, null);
    if (size === 0) return JSON.parse(Buffer.concat(pieces).toString('utf8'));
    pieces.push(piece.subarray(0, size));
  }
}

const order = readRequest();
const home = process.cwd();

/** The parameters of a function as it was written, a name or null for a pattern; `...` of a rest. */
function parametersOf(func) {
  const text = Function.prototype.toString.call(func);
  const open = text.search(/[(=]/);
  if (open < 0 || text[open] === '=') return [text.slice(0, open).replace(/^async\s+/, '').trim()];
  const found = [];
  let from = open + 1;
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    at = pastLiteral(text, at);
    const sign = text[at];
    if ('([{'.includes(sign)) depth++;
    if (')]}'.includes(sign)) depth--;
    if ((sign === ',' && depth === 1) || depth === 0) {
      const written = text.slice(from, at).replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '').trim();
      if (written) found.push(nameOf(written));
      if (depth === 0) break;
      from = at + 1;
    }
  }
  return found;
}

const nameOf = (written) => /^(\.\.\.)?[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(written)?.[0] ?? null;

/** The place after a string or a comment that begins here. */
function pastLiteral(text, at) {
  for (;;) {
    const rest = text.slice(at, at + 2);
    let end;
    if (rest === '/*') end = text.indexOf('*/', at + 2) + 2;
    else if (rest === '//') end = text.indexOf('\n', at) + 1;
    else if ('"\'`'.includes(rest[0] || ' ')) {
      end = at + 1;
      while (end < text.length && text[end] !== rest[0]) end += text[end] === '\\' ? 2 : 1;
      end++;
    } else return at;
    if (end <= at) return text.length;
    at = end;
  }
}

function argumentsFor(func, given) {
  const rest = [];
  let patterns = 0;
  const placed = [];
  for (const name of parametersOf(func)) {
    if (name?.startsWith('...')) rest.push(...[given[name.slice(3)] ?? []].flat());
    else placed.push(fit(name ?? `anon${++patterns}`, given));
  }
  return [...placed, ...rest];
}

/** The argument of a name; a date or a bigint where main declares one. */
function fit(name, given) {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  const made = order.made[name];
  if (made === 'date' && typeof value === 'string') return new Date(value);
  return made === 'bigint' && Number.isInteger(value) ? BigInt(value) : value;
}

/** As JSON.stringify does it, functions and symbols that are a part of the result are left out. */
function encode(value) {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new NotJsonError(`a ${typeof value} as the result cannot be written as JSON`);
  }
  const text = JSON.stringify(value === undefined ? null : value, function (key, simpler) {
    const original = this[key];
    if (original instanceof Uint8Array) return original.toBase64();
    if (original instanceof ArrayBuffer) return new Uint8Array(original).toBase64();
    switch (typeof simpler) {
      case 'undefined':
        return null;
      case 'function':
      case 'symbol':
        return undefined;
      case 'bigint':
        return Number.isSafeInteger(Number(simpler)) ? Number(simpler) : String(simpler);
      case 'string':
        return simpler.isWellFormed() ? simpler : simpler.toWellFormed();
      case 'object':
        return simpler === null ? null : plain(simpler);
      default:
        return simpler;
    }
  });
  return text ?? 'null';
}

function plain(value) {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}

/** The error object; its stack has the lines of the script and of nothing else. */
function describe(thrown) {
  const errors = thrown instanceof AggregateError ? thrown.errors : [thrown];
  if (errors.length && errors.every((error) => error?.constructor?.name === 'BuildMessage')) {
    return badSource(errors);
  }
  if (!(thrown instanceof Error)) {
    const message = typeof thrown === 'string' ? thrown : shown(thrown);
    return { name: 'Error', message: cut(message), stack: '' };
  }
  if (onDeno && thrown.code === 'ERR_MODULE_NOT_FOUND') return notLoaded(thrown.message);
  const own = thrown.constructor?.name;
  if (own === 'ResolveMessage') {
    return { name: 'ModuleNotFoundError', message: cut(relative(thrown.message)), stack: '' };
  }
  const name = Object.hasOwn(thrown, 'name') || !own ? thrown.name : own;
  const message = relative(String(thrown.message));
  if (thrown instanceof RangeError && outOfRoom.has(message)) return outOfMemory(thrown);
  const frames = String(thrown.stack ?? '').split('\n').filter(isUsers).map(relative);
  const cause = thrown.cause instanceof Error ? `\nCaused by ${describe(thrown.cause).stack}` : '';
  const stack = frames.length || cause ? `${name}: ${message}\n${frames.join('\n')}${cause}` : '';
  return { name: String(name), message: cut(message), stack: cut(stack) };
}

const OF_DENO = /Deno is not defined|['"](?:jsr:|https?:\/\/)/;

/** What only Deno has is missed for a reason. */
function explained(thrown) {
  const error = describe(thrown);
  if (!order.note || !OF_DENO.test(error.message)) return error;
  return { ...error, message: cut(`${error.message}: ${order.note}`) };
}

/** What Deno says of a module that it cannot read or find: where, in the last of the lines. */
function notLoaded(told) {
  const [first, ...rest] = relative(told).split('\n');
  const [, syntax, message] = /^(SyntaxError: )?([^]*)$/.exec(first);
  const name = syntax ? 'SyntaxError' : 'ModuleNotFoundError';
  const where = /^\s+at (\S+)$/.exec(rest.at(-1) ?? '')?.[1];
  return { name, message: cut(where ? `${message} (${where})` : message), stack: cut(rest.join('\n')) };
}

const outOfRoom = new Set(['Out of memory', 'Array buffer allocation failed']);

/** As Python calls it: the worker knows the name, and says the limit. */
function outOfMemory(thrown) {
  const frames = String(thrown.stack ?? '').split('\n').filter(isUsers).map(relative);
  return { name: 'MemoryError', message: '', stack: cut(frames.join('\n')) };
}

function badSource(errors) {
  const told = errors.map(({ message, position }) => {
    if (!position) return relative(message);
    const where = `${relative(position.file)}:${position.line}:${position.column}`;
    return `${message} (${where})\n    ${String(position.lineText).trim()}`;
  });
  return { name: 'SyntaxError', message: cut(told[0].split('\n')[0]), stack: cut(told.join('\n')) };
}

function shown(value) {
  try {
    return encode(value);
  } catch {
    return String(value);
  }
}

const isUsers = (line) =>
  /^\s+at /.test(line) && line.includes(`${home}/`) && !/node_modules|\/\.run\.mjs|\/\.fetched\//.test(line);
const relative = (text) => String(text).replaceAll(onDeno ? `file://${home}/` : `${home}/`, '');
const cut = (text) => (text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}...`).toWellFormed();

const idle = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd, bytes) {
  let tries = 0;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += send(fd, bytes.subarray(at));
      tries = 0;
    } catch (error) {
      if (error.code !== 'EAGAIN' || (onDeno && ++tries > WRITE_TRIES)) throw error;
      Atomics.wait(idle, 0, 0, 1); // somebody made the pipe non-blocking
    }
  }
}

/** A stream that loses nothing at the end. Replacing bun's own costs 5 ms, so not for every script. */
function standardStream(name, fd) {
  let made;
  const make = () => {
    const { Writable } = require('node:stream');
    const write = (chunk, _, done) => {
      try {
        writeAll(fd, chunk);
        done();
      } catch (error) {
        done(error);
      }
    };
    return Object.assign(new Writable({ write }), { fd, isTTY: false });
  };
  const get = () => (made ??= make());
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
}

/** Streams what a generator or a stream gives; what it returns, or the result itself, is left. */
async function told(result) {
  const isGenerator = typeof result?.next === 'function' && typeof result.throw === 'function';
  const pieces = result?.[Symbol.asyncIterator]?.() ?? (isGenerator ? result : null);
  if (pieces === null) return result;
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return value;
    const text = typeof value === 'string' ? value : piece(value);
    writeAll(1, Buffer.from(`WM_STREAM: ${text.replaceAll('\n', '\\n')}\n`));
  }
}

const decoder = new TextDecoder();
const piece = (value) =>
  value instanceof Uint8Array ? decoder.decode(value, { stream: true }) : encode(value);

function leave(mark, json) {
  writeAll(RESULT_FD, Buffer.from(mark + json));
  process.exit(0);
}

let asked = null; // the question that a process that is kept is answering

function fail(thrown) {
  const error = JSON.stringify(explained(thrown));
  if (!order.standing) leave('-', error);
  if (asked) answer('-', error, { over: true });
  process.exit(asked ? 0 : 1);
}

async function load() {
  const script = await import(`${home}/${order.path}`);
  const main = script[order.entry] ?? (order.entry === 'main' ? script.default : undefined);
  if (typeof main !== 'function') {
    throw new MainNotFoundError(`${order.path} exports no function named ${order.entry}`);
  }
  return main;
}

/** So many bytes of the socket, awaited: what the script has under way goes on meanwhile. */
async function take(size) {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; ) {
    const count = await receive(RESULT_FD, bytes.subarray(at));
    if (count === 0) process.exit(0); // nobody asks any more
    at += count;
  }
  return bytes;
}

function answer(mark, json, { over }) {
  const { user, system } = process.cpuUsage(asked.before);
  const used = { cpu_s: (user + system) / 1e6, peak_bytes: process.resourceUsage().maxRSS * 1024 };
  const body = Buffer.from(mark + json);
  const told = body.length > order.result_bytes_max ? Buffer.from('!') : body;
  const head = Buffer.from(`${JSON.stringify({ nonce: asked.nonce, ...used, over })}\n`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length + told.length);
  writeAll(RESULT_FD, Buffer.concat([length, head, told]));
  asked = null;
}

/** A process that is kept: answers question after question, see runtimes/base.py. */
async function stand() {
  let main = null;
  let client = null;
  for (;;) {
    const size = (await take(4)).readUInt32LE();
    asked = { ...JSON.parse((await take(size)).toString('utf8')), before: process.cpuUsage() };
    Object.assign(process.env, asked.env);
    try {
      main ??= await load();
      client ??= order.client ? await import(order.client).catch(() => ({})) : {};
      client.setClient?.(); // else it remembers the token of the run it was made in
      answer('+', encode(await told(await main(...argumentsFor(main, asked.args)))), { over: false });
    } catch (thrown) {
      const over = main === null;
      answer('-', JSON.stringify(explained(thrown)), { over });
      if (over) process.exit(0);
    }
  }
}

if (order.streams) {
  standardStream('stdout', 1);
  standardStream('stderr', 2);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
if (order.standing) await stand();
try {
  const main = await load();
  leave('+', encode(await told(await main(...argumentsFor(main, order.args)))));
} catch (thrown) {
  fail(thrown);
}
