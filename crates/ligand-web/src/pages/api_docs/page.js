// The page that shows what can be called and calls it. Names and texts come from vendors and users: they enter the page
// as text only, never as markup. The secrets live in this closure and nowhere else.
"use strict";

(() => {
  const BASE = location.pathname.replace(/\/api-docs.*$/, "") + "/api-v2";
  const SHOWN_OPERATIONS = 400;
  const SHOWN_CHARACTERS = 200000;
  const secrets = { user: "", organization: "" };
  let instances = [];
  let api = null; // The document that is shown.
  let token = ""; // Of the instance that it is about.
  let turn = 0; // Answers of earlier turns come too late.

  const at = (id) => document.getElementById(id);

  /** An element with attributes, and children that are elements or text. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") element.className = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function notice(text, wrong) {
    at("notice").textContent = text;
    at("notice").classList.toggle("wrong", Boolean(wrong));
  }

  function authorization(withToken) {
    if (!secrets.user) return "";
    const caller = `User ${secrets.user}, Organization ${secrets.organization}`;
    return withToken && token ? `${caller}, Element ${token}` : caller;
  }

  async function read(path) {
    const headers = secrets.user ? { Authorization: authorization(false) } : {};
    const response = await fetch(path, { headers, credentials: "omit", cache: "no-store" });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(`${response.status} ${body.message || response.statusText}`);
    return { body, warning: response.headers.get("elements-error"), next: response.headers.get("elements-next-page-token") };
  }

  // What there is: instances, and the document of one of them or of the platform.

  async function open(event) {
    event.preventDefault();
    secrets.user = at("user").value.trim();
    secrets.organization = at("organization").value.trim();
    try {
      instances = await everyInstance();
    } catch (failed) {
      secrets.user = secrets.organization = "";
      notice(failed.message, true);
      return;
    }
    at("user").value = at("organization").value = "";
    at("user").required = at("organization").required = false;
    at("forget").hidden = false;
    notice(instances.length ? "Choose an instance to call through it." : "There are no element instances yet; the platform itself can be called.");
    listInstances();
    await show();
  }

  /** Every instance, page by page; there may be none, which is answered with 404. */
  async function everyInstance() {
    const all = [];
    let page = "";
    do {
      const path = `${BASE}/instances?pageSize=200${page ? `&nextPage=${encodeURIComponent(page)}` : ""}`;
      const answer = await read(path).catch((failed) => {
        if (failed.message.startsWith("404")) return { body: [], next: "" };
        throw failed;
      });
      all.push(...answer.body);
      page = answer.next;
    } while (page && all.length < 5000);
    return all;
  }

  function elementOf(instance) {
    const known = Object.values(instance).find((value) => value && typeof value === "object" && value.key && value.id);
    return known ? known.key : "";
  }

  function listInstances() {
    const select = at("instances");
    const options = instances.map((instance) =>
      make("option", { value: String(instance.id) }, `${instance.name} (${elementOf(instance)}, ${instance.id})`));
    select.replaceChildren(make("option", { value: "" }, "the platform itself"), ...options);
    select.disabled = false;
    if (instances.length === 1) select.value = String(instances[0].id);
  }

  function forget() {
    secrets.user = secrets.organization = "";
    instances = [];
    at("forget").hidden = true;
    at("instances").replaceChildren(make("option", { value: "" }, "the platform itself"));
    at("instances").disabled = true;
    notice("The secrets are forgotten.");
    show();
  }

  async function show() {
    const mine = ++turn;
    const chosen = instances.find((instance) => String(instance.id) === at("instances").value);
    token = chosen ? chosen.token : "";
    at("discovery-choice").hidden = !chosen;
    const query = `format=openapi3.1${at("discovery").checked ? "&discovery=true" : ""}`;
    const path = chosen ? `${BASE}/instances/${chosen.id}/docs?${query}` : `${BASE}/docs/all_platform?format=openapi3.1`;
    at("operation").replaceChildren(make("p", { class: "hint" }, "Choose an operation."));
    try {
      const answer = await read(path);
      if (mine !== turn) return;
      api = answer.body;
      if (answer.warning) notice(answer.warning, true);
    } catch (failed) {
      if (mine !== turn) return;
      api = { paths: {} };
      notice(failed.message, true);
    }
    list();
  }

  function everyOperation() {
    const all = [];
    for (const [path, item] of Object.entries(api.paths || {})) {
      for (const [method, told] of Object.entries(item)) all.push({ method: method.toUpperCase(), path, told });
    }
    return all;
  }

  function list() {
    const words = at("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (it) => `${it.method} ${it.path} ${it.told.summary || ""} ${it.told.operationId || ""}`.toLowerCase();
    const found = everyOperation().filter((it) => words.every((word) => text(it).includes(word)));
    const groups = new Map();
    for (const operation of found.slice(0, SHOWN_OPERATIONS)) {
      const name = (operation.told.tags || [""])[0];
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(operation);
    }
    const isOpen = words.length > 0 || groups.size < 4;
    const shown = [...groups].map(([name, operations]) =>
      make("details", { open: isOpen }, make("summary", {}, `${name} (${operations.length})`), make("ul", {}, ...operations.map(entry))));
    if (found.length > SHOWN_OPERATIONS) {
      shown.push(make("p", { class: "hint" }, `${found.length - SHOWN_OPERATIONS} more: find them by words.`));
    }
    if (!found.length) shown.push(make("p", { class: "hint" }, "Nothing is found."));
    at("operations").replaceChildren(...shown);
  }

  function entry(operation) {
    const choose = (event) => {
      for (const other of document.querySelectorAll("#operations [aria-current]")) other.removeAttribute("aria-current");
      event.currentTarget.setAttribute("aria-current", "true");
      present(operation);
    };
    return make("li", {}, make("button", { type: "button", onclick: choose },
      verb(operation.method),
      make("span", { class: "path" }, operation.path),
      make("span", { class: "about" }, operation.told.summary || "")));
  }

  function verb(method) {
    return make("span", { class: `verb ${/^[A-Z]+$/.test(method) ? method : ""}` }, method);
  }

  // One operation: its fields, the call, the answer.

  function resolved(schema) {
    let seen = 0;
    while (schema && typeof schema.$ref === "string" && seen++ < 20) {
      schema = schema.$ref.replace(/^#\//, "").split("/").reduce((place, step) =>
        place && place[decodeURIComponent(step).replace(/~1/g, "/").replace(/~0/g, "~")], api);
    }
    return schema || {};
  }

  function typeOf(schema) {
    const kind = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
    return kind || (schema.properties || schema.allOf ? "object" : "");
  }

  /** A value of a schema, to begin a body with. */
  function example(schema, depth) {
    schema = resolved(schema);
    if (schema["x-samplevalue"] !== undefined) return schema["x-samplevalue"];
    if (Array.isArray(schema.enum)) return schema.enum[0];
    if (Array.isArray(schema.allOf)) return Object.assign({}, ...schema.allOf.map((part) => example(part, depth)));
    switch (typeOf(schema)) {
      case "object": {
        if (depth > 3) return {};
        const pairs = Object.entries(schema.properties || {}).filter(([, inner]) => !resolved(inner).readOnly);
        return Object.fromEntries(pairs.slice(0, 40).map(([name, inner]) => [name, example(inner, depth + 1)]));
      }
      case "array": return depth > 3 ? [] : [example(schema.items, depth + 1)];
      case "integer": case "number": return 0;
      case "boolean": return false;
      default: return "";
    }
  }

  function field(name, schema, about, isNeeded) {
    schema = resolved(schema);
    const kind = typeOf(schema);
    let input;
    if (schema.contentMediaType) {
      input = make("input", { type: "file" });
    } else if (Array.isArray(schema.enum) || kind === "boolean") {
      const words = schema.enum || ["true", "false"];
      input = make("select", {}, make("option", { value: "" }, ""), ...words.map((word) => make("option", { value: String(word) }, String(word))));
    } else {
      input = make("input", { type: "text", spellcheck: "false", autocomplete: "off" });
    }
    input.setAttribute("aria-label", name);
    const label = make("div", { class: "name" }, name, isNeeded ? make("span", { class: "needed", title: "required" }, " *") : null,
      make("small", {}, kind === "array" ? "several, by commas" : (schema.format || kind)));
    return { input, row: [label, make("div", { class: "value" }, input, about ? make("small", {}, about) : null)] };
  }

  function present(operation) {
    const { told } = operation;
    const fields = (told.parameters || []).map((parameter) => ({
      ...parameter, ...field(parameter.name, parameter.schema || {}, parameter.description, parameter.required),
    }));
    const [mediaType, content] = Object.entries((told.requestBody || {}).content || {})[0] || [];
    const isForm = mediaType && mediaType !== "application/json";
    const form = isForm ? Object.entries(resolved(content.schema).properties || {}).map(([name, schema]) => ({
      name, ...field(name, schema, schema.description, (resolved(content.schema).required || []).includes(name)),
    })) : [];
    let body = null;
    if (mediaType && !isForm) {
      body = make("textarea", { spellcheck: "false", "aria-label": "Body" });
      body.value = JSON.stringify(example(content.schema, 0), null, 2);
    }
    const parts = { operation, fields, form, mediaType, body };
    const result = make("div", {});
    const send = make("button", { type: "submit" }, "Send");
    const submit = async (event) => {
      event.preventDefault();
      send.disabled = true;
      try {
        await call(parts, result);
      } finally {
        send.disabled = false;
      }
    };
    const rows = (listed) => make("div", { class: "fields" }, ...listed.flatMap((one) => one.row));
    const bodyPart = body ? [make("h3", {}, "Body"), body] : form.length ? [make("h3", {}, "Body"), rows(form)] : [];
    at("operation").replaceChildren(
      make("h2", {}, verb(operation.method), make("code", {}, operation.path)),
      make("p", {}, told.summary || ""),
      told.description ? make("p", { class: "hint" }, told.description) : "",
      make("form", { onsubmit: submit, autocomplete: "off" },
        ...(fields.length ? [make("h3", {}, "Parameters"), rows(fields)] : []),
        ...bodyPart,
        make("div", { class: "actions" }, send)),
      result);
  }

  /** The request of the fields as they are filled in. */
  function requestOf({ operation, fields, form, mediaType, body }) {
    const headers = {};
    const query = new URLSearchParams();
    let path = operation.path;
    for (const { name, in: place, input, schema } of fields) {
      const value = input.value;
      if (place === "path") {
        // What takes the rest of a path may have several segments.
        const encoded = name === "rest" ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);
        if (!value) throw new Error(`${name} is required`);
        path = path.replace(`{${name}}`, () => encoded);
      } else if (value !== "") {
        const values = typeOf(resolved(schema)) === "array" ? value.split(",").map((one) => one.trim()) : [value];
        for (const one of values) {
          if (place === "header") headers[name] = one;
          else query.append(name, one);
        }
      }
    }
    const needsToken = (operation.told.security || []).some((one) => one.token);
    if (authorization(needsToken)) headers.Authorization = authorization(needsToken);
    let content;
    if (body && body.value.trim()) {
      headers["Content-Type"] = "application/json";
      content = body.value;
    } else if (form.length) {
      const isMultipart = mediaType === "multipart/form-data";
      content = isMultipart ? new FormData() : new URLSearchParams();
      for (const { name, input } of form) {
        if (input.type === "file") for (const file of input.files) content.append(name, file);
        else if (input.value !== "") content.append(name, input.value);
      }
    }
    const search = query.toString();
    return { method: operation.method, url: `${location.origin}${BASE}${path}${search ? `?${search}` : ""}`, headers, content };
  }

  /** The same as a command, with or without the secrets. */
  function curl({ method, url, headers, content }, isOpen) {
    const quoted = (text) => `'${String(text).replace(/'/g, "'\\''")}'`;
    const hidden = (name, value) => (name === "Authorization" && !isOpen ? value.replace(/(User|Organization|Element) [^,]+/g, "$1 …") : value);
    const words = [`curl -X ${method}`, quoted(url)];
    for (const [name, value] of Object.entries(headers)) words.push(`-H ${quoted(`${name}: ${hidden(name, value)}`)}`);
    if (typeof content === "string") words.push(`-d ${quoted(content)}`);
    else if (content instanceof FormData) {
      for (const [name, value] of content) words.push(`-F ${quoted(`${name}=${value instanceof File ? `@${value.name}` : value}`)}`);
    } else if (content) words.push(`-d ${quoted(content.toString())}`);
    return words.join(" \\\n  ");
  }

  async function call(parts, result) {
    let request;
    try {
      request = requestOf(parts);
    } catch (lacking) {
      result.replaceChildren(make("p", { class: "status bad" }, lacking.message));
      return;
    }
    const copy = make("button", { type: "button", class: "plain", onclick: () => navigator.clipboard.writeText(curl(request, true)) }, "Copy with secrets");
    const command = [make("h3", {}, "Request"), make("pre", { id: "curl" }, curl(request, false)), make("div", { class: "actions" }, copy)];
    result.replaceChildren(...command, make("p", { class: "hint" }, "Waiting …"));
    const begun = performance.now();
    try {
      const { method, headers, content } = request;
      const response = await fetch(request.url, { method, headers, body: content, credentials: "omit", cache: "no-store" });
      const bytes = await response.arrayBuffer();
      const took = Math.round(performance.now() - begun);
      const rows = [...response.headers].map(([name, value]) => make("tr", {}, make("td", {}, name), make("td", {}, value)));
      result.replaceChildren(...command,
        make("h3", {}, "Answer"),
        make("p", { id: "status", class: `status ${response.ok ? "good" : "bad"}` }, `${response.status} ${response.statusText} · ${took} ms · ${bytes.byteLength} bytes`),
        make("table", {}, make("tbody", {}, ...rows)),
        make("h3", {}, "Body"),
        shown(bytes, response.headers.get("content-type") || ""));
      at("status").scrollIntoView({ block: "center" });
    } catch (failed) {
      result.replaceChildren(...command, make("p", { class: "status bad" }, `No answer: ${failed.message}`));
    }
  }

  /** A body as a person reads it; what is no text can be saved. */
  function shown(bytes, kind) {
    if (!bytes.byteLength) return make("p", { class: "hint" }, "empty");
    if (!/json|text|xml|javascript|csv/.test(kind)) {
      const link = make("a", { href: URL.createObjectURL(new Blob([bytes])), download: "answer" }, "Save");
      return make("p", {}, `${kind || "no type"} `, link);
    }
    let text = new TextDecoder().decode(bytes);
    if (kind.includes("json")) {
      try {
        text = JSON.stringify(JSON.parse(text), null, 2);
      } catch (broken) {
        // Shown as it is.
      }
    }
    const rest = text.length - SHOWN_CHARACTERS;
    return make("pre", { id: "body" }, rest > 0 ? `${text.slice(0, SHOWN_CHARACTERS)}\n… ${rest} characters more` : text);
  }

  at("secrets").addEventListener("submit", open);
  at("forget").addEventListener("click", forget);
  at("instances").addEventListener("change", show);
  at("discovery").addEventListener("change", show);
  at("filter").addEventListener("input", list);
  show();
})();
