// Reads a JSON list of custom resources from stdin, answers a JSON list of lists of what is wrong with each.
// The packages' validators let unknown fields pass, the API server does not: their type declarations name the fields.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = {
  "monitoring.coreos.com": "prometheus-operator",
  "keda.sh": "keda",
  "gateway.networking.k8s.io": "gateway-api",
};
const HERE = dirname(fileURLToPath(import.meta.url));
// `apiVersion`, `kind`, `metadata` are checked by the validators.
const TOP = new Set(["apiVersion", "kind", "metadata"]);

async function complaints(resource) {
  const [group, version] = resource.apiVersion.split("/");
  const folder = `@kubernetes-models/${PACKAGES[group]}/${group}/${version}`;
  const Model = PACKAGES[group] && (await import(folder))[resource.kind];
  if (!Model) return [`no schema for ${resource.apiVersion} ${resource.kind}`];
  const declared = join(HERE, "node_modules", folder, `${resource.kind}.d.ts`);
  const rest = Object.fromEntries(Object.entries(resource).filter(([key]) => !TOP.has(key)));
  return [...refusals(new Model(resource)), ...unknown(rest, interfaceOf(declared), "")];
}

function refusals(model) {
  try {
    model.validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

// Fields of the first interface in a declaration file: name -> the text of its type; null where there is no interface.
function interfaceOf(file) {
  const text = readFileSync(file, "utf8");
  const found = text.match(/export interface \w+([^{]*)\{\n([\s\S]*?)\n\}/);
  if (!found) return null;
  const inherited = typeNamedIn({ file, text }, found[1])?.fields ?? [];
  const own = found[2].matchAll(/^ {4}"?([\w$-]+)"?\??: ([^\n]+)$/gm);
  return { file, text, fields: new Map([...inherited, ...[...own].map(([, name, type]) => [name, type])]) };
}

function unknown(node, known, path) {
  if (known === null || typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item, index) => unknown(item, known, `${path}/${index}`));
  return Object.entries(node).flatMap(([key, value]) => {
    if (!known.fields.has(key)) return [`${path}/${key} is no field`];
    return unknown(value, typeNamedIn(known, known.fields.get(key)), `${path}/${key}`);
  });
}

// Only types of the same folder are followed: those of Kubernetes itself are checked elsewhere.
function typeNamedIn(known, type) {
  const symbol = type.match(/\bI[A-Z]\w+/)?.[0];
  const from = symbol && known.text.match(new RegExp(`import \\{[^}]*\\b${symbol}\\b[^}]*\\} from "(\\./[^"]+)\\.js"`))?.[1];
  return from ? interfaceOf(join(dirname(known.file), `${from}.d.ts`)) : null;
}

const resources = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await Promise.all(resources.map(complaints))));
