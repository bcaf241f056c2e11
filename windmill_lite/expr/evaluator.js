// Evaluates one expression: text in, text out. Runs in a context of its own. The request is JSON:
//   source     the expression
//   mode       "value", "truth" (its truthiness), or "check" (only parse the `sources`)
//   chars_max  of the answer
//   scope      names that exist; any other name is a ReferenceError
//   wholes     name -> JSON text: what has come so far of the names below
//   members    name -> key -> JSON text, or null: there is no such key
//   keys       name -> [key]: all keys of a name
//   calls      function -> path -> {"value": JSON text} or {"error": message}
// The answer is JSON, one of
//   {"value": ...}                 when checking, an array of null or {"error": ...}
//   {"error": {"name", "message", "line", "column"}}   line and column from 1, or null
//   {"needs": [[kind, name, key]]}   evaluate again with these in the request
// Names are read when they are touched. One that has not come yet is noted and ends this attempt;
// should the expression catch that, its answer is dropped all the same.
(function wm_main(wm_request) {
  "use strict";
  const { parse, stringify } = JSON;
  const { defineProperty, getOwnPropertyDescriptor, prototype } = Object;
  const { ownKeys, get, has: isIn } = Reflect;
  const hasOwn = prototype.hasOwnProperty.call.bind(prototype.hasOwnProperty);
  const push = Array.prototype.push.call.bind(Array.prototype.push);
  const join = Array.prototype.join.call.bind(Array.prototype.join);
  const indirect = eval;
  const Thenable = Promise;
  const then = Promise.prototype.then.call.bind(Promise.prototype.then);
  const MEMBERED = { results: null, flow_input: undefined, flow_env: undefined };
  const request = parse(wm_request);
  const needs = [];
  const missing = new Error("not read yet");

  function wm_need(kind, name, key) {
    push(needs, [kind, name, key]);
    throw missing;
  }

  function wm_put(target, key, value) {
    defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  }

  // An object whose members are read one by one; for `results` a member that is not there is null.
  function wm_membered(name) {
    const absent = MEMBERED[name];
    const target = absent === null ? Object.create(null) : {};
    const members = request.members[name] || {};
    const keys = hasOwn(request.keys, name) ? request.keys[name] : null;
    const settled = new Set();
    const listed = keys && new Set(keys);
    function wm_settle(key) {
      if (typeof key !== "string" || settled.has(key)) return;
      if (hasOwn(members, key)) {
        settled.add(key);
        if (members[key] !== null) wm_put(target, key, parse(members[key]));
      } else if (listed && !listed.has(key)) settled.add(key);
      else wm_need("member", name, key);
    }
    function wm_get(_, key) {
      wm_settle(key);
      if (absent === null && typeof key === "string" && !isIn(target, key)) return null;
      return get(target, key);
    }
    function wm_has(_, key) {
      wm_settle(key);
      return isIn(target, key);
    }
    function wm_keys() {
      if (!keys) wm_need("keys", name, "");
      const before = needs.length;
      for (const key of keys)
        if (!settled.has(key) && !hasOwn(members, key)) push(needs, ["member", name, key]);
      if (needs.length > before) throw missing;
      for (const key of keys) wm_settle(key);
      const there = keys.filter((key) => hasOwn(target, key));
      const known = new Set(there);
      return [...there, ...ownKeys(target).filter((key) => !known.has(key))];
    }
    function wm_describe(_, key) {
      wm_settle(key);
      return getOwnPropertyDescriptor(target, key);
    }
    function wm_define(_, key, description) {
      settled.add(key);
      return Reflect.defineProperty(target, key, description);
    }
    function wm_delete(_, key) {
      settled.add(key);
      return delete target[key];
    }
    return new Proxy(target, {
      get: wm_get,
      has: wm_has,
      ownKeys: wm_keys,
      getOwnPropertyDescriptor: wm_describe,
      defineProperty: wm_define,
      deleteProperty: wm_delete,
    });
  }

  function wm_name(name) {
    let value;
    let there = false;
    function wm_read() {
      if (!there) {
        if (hasOwn(MEMBERED, name)) value = wm_membered(name);
        else if (hasOwn(request.wholes, name)) value = parse(request.wholes[name]);
        else wm_need("whole", name, "");
        there = true;
      }
      return value;
    }
    function wm_write(given) {
      value = given;
      there = true;
    }
    defineProperty(globalThis, name, { get: wm_read, set: wm_write, configurable: true });
  }

  function wm_call(kind) {
    wm_put(globalThis, kind, function wm_called(path) {
      const asked = String(path);
      const known = request.calls[kind] || {};
      if (!hasOwn(known, asked)) wm_need(kind, asked, "");
      if (hasOwn(known[asked], "error")) throw new Error(known[asked].error);
      return parse(known[asked].value);
    });
  }

  // An expression if it is one, else the body of a function. Both begin on the second line.
  function wm_compile(source) {
    const bare = source.replace(/[;\s]+$/, "");
    const forms = [
      ["(function(){return (\n", bare, "\n)})"],
      ["(function(){\n", source, "\n})"],
      ["(async function(){return (\n", bare, "\n)})"],
      ["(async function(){\n", source, "\n})"],
    ];
    // `await (x)` without async is a call of something named so: with the word async goes first.
    const order = /\bawait\b/.test(source) ? [2, 3, 0, 1] : [0, 1];
    const faults = [];
    for (const i of order) {
      try {
        return [indirect(forms[i].join("")), i];
      } catch (fault) {
        faults[i] = fault;
      }
    }
    const isBody = /\breturn\b|;\s*\S|^\s*(?:const|let|var|if|for|while|try|throw)\b/.test(source);
    throw faults[isBody ? 1 : 0];
  }

  // `1) + (2` closes what is around it: so an expression must stand between other brackets, too.
  function wm_check(source) {
    const [, form] = wm_compile(source);
    const bare = source.replace(/[;\s]+$/, "");
    const async = form > 1 ? "async " : "";
    indirect(
      form % 2 === 0
        ? `(${async}function(){return [\n${bare}\n]})`
        : `(${async}() => { if (true) {\n${source}\n} else {} })`,
    );
  }

  // Where in the source: the innermost frame that is not ours. Ours are all called wm_.
  function wm_place(thrown, source) {
    for (const frame of String(thrown.stack).split("\n")) {
      const found = frame.includes("at wm_") ? null : /<input>:(\d+):(\d+)/.exec(frame);
      if (!found) continue;
      const lines = source.split("\n");
      const line = Number(found[1]) - 1;
      if (line > lines.length) return [lines.length, lines[lines.length - 1].length + 1];
      return line > 0 ? [line, Number(found[2])] : [null, null];
    }
    return [null, null];
  }

  function wm_fault(thrown, source = request.source) {
    const isError = thrown instanceof Error;
    let name = "Error";
    let message = "";
    let place = [null, null];
    try {
      name = String(isError ? thrown.name : name);
      if (isError) message = String(thrown.message);
      else message = typeof thrown === "object" ? String(stringify(thrown)) : String(thrown);
      if (isError) place = wm_place(thrown, source);
    } catch {
      message = message || "an error that cannot be told";
    }
    const [line, column] = place;
    return wm_failed(name.slice(0, 200), message.slice(0, 2000), line, column);
  }

  function wm_failed(name, message, line = null, column = null) {
    return stringify({ error: { name, message, line, column } });
  }

  function wm_answer(value) {
    if (needs.length) return stringify({ needs });
    if (request.mode === "truth") return value ? '{"value":true}' : '{"value":false}';
    const text = stringify(value);
    if (needs.length) return stringify({ needs });
    if (text === undefined) return '{"value":null}';
    const most = request.chars_max;
    // Joined, because a long text that was concatenated is a rope, which cannot leave the engine.
    if (text.length <= most) return join(['{"value":', text, "}"], "");
    return wm_failed("ResultTooLarge", `the value has ${text.length} characters, more than ${most}`);
  }

  function wm_attempt(action) {
    try {
      return action();
    } catch (thrown) {
      return needs.length ? stringify({ needs }) : wm_fault(thrown);
    }
  }

  function wm_checked() {
    const found = request.sources.map((source) => {
      try {
        wm_check(source);
        return "null";
      } catch (fault) {
        return wm_fault(fault, source);
      }
    });
    return join(['{"value":[', join(found, ","), "]}"], "");
  }

  function wm_run() {
    request.scope.forEach(wm_name);
    wm_call("variable");
    wm_call("resource");
    const value = wm_compile(request.source)[0].call(undefined);
    if (!(value instanceof Thenable)) return wm_answer(value);
    function wm_kept(settled) {
      globalThis.wm_settled = wm_attempt(() => wm_answer(settled));
    }
    function wm_rejected(thrown) {
      globalThis.wm_settled = needs.length ? stringify({ needs }) : wm_fault(thrown);
    }
    globalThis.wm_settled = null;
    then(value, wm_kept, wm_rejected);
    return "";
  }

  return wm_attempt(request.mode === "check" ? wm_checked : wm_run);
})
