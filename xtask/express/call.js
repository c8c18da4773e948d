// The benchmark's hub call as one would write it by hand with Express: credentials looked up, the vendor called over
// kept connections, members picked, nulls left out. Started with the vendor's host and port, and the secrets.
"use strict";

const express = require("express");
const http = require("http");

const [host, port, user, organization, element] = process.argv.slice(2);
const callers = new Map([[`${user} ${organization}`, { id: 1 }]]);
const instances = new Map([[element, { id: 1, username: "benchmark", password: "benchmark-password", tenant: "acme" }]]);
const agent = new http.Agent({ keepAlive: true });

function secrets(header) {
  const found = {};
  for (const part of (header || "").split(",")) {
    const [scheme, secret] = part.trim().split(" ");
    found[scheme.toLowerCase()] = secret;
  }
  return found;
}

function authenticate(request, response, next) {
  const { user, organization, element } = secrets(request.headers.authorization);
  request.instance = callers.has(`${user} ${organization}`) && instances.get(element);
  if (!request.instance) {
    return response.status(401).json({ message: "Unauthorized" });
  }
  next();
}

function fetchRecords(instance, query) {
  const parameters = new URLSearchParams({ limit: query.pageSize, page: query.page || "1", area: query.region });
  parameters.set("format", "json");
  const credentials = Buffer.from(`${instance.username}:${instance.password}`).toString("base64");
  const headers = { Accept: "application/json", Authorization: `Basic ${credentials}`, "X-Tenant": instance.tenant };
  return new Promise((resolve, reject) => {
    const call = http.request({ host, port, path: `/records?${parameters}`, headers, agent }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode !== 200) {
          return reject(new Error(`the vendor answered ${answer.statusCode}`));
        }
        try {
          resolve(JSON.parse(Buffer.concat(pieces).toString()));
        } catch (broken) {
          reject(broken);
        }
      });
    });
    call.on("error", reject);
    call.end();
  });
}

function pick(record, fields) {
  const picked = {};
  for (const field of fields) {
    if (record[field] !== null && record[field] !== undefined) {
      picked[field] = record[field];
    }
  }
  return picked;
}

const app = express();
// What Ligand does not do either.
app.disable("etag");
app.disable("x-powered-by");
app.get("/elements/api-v2/hubs/general/records", authenticate, async (request, response) => {
  try {
    const { items } = await fetchRecords(request.instance, request.query);
    const fields = request.query.fields.split(",");
    const records = items.map((record) => pick(record, fields));
    response.set("Elements-Returned-Count", String(records.length));
    response.set("Elements-Element-Instance-Id", String(request.instance.id));
    response.json(records);
  } catch (failed) {
    response.status(502).json({ message: "Request failed" });
  }
});

const server = app.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${server.address().port}`));
