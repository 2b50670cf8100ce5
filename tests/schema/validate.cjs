// validate.cjs SCHEMA FILE…: strict mode, every warning an error. One line for each mistake.
const fs = require("fs");
const Ajv = require(process.env.CF_AJV + "/ajv/dist/2020");

const read = (path) => JSON.parse(fs.readFileSync(path, "utf8"));
const [schema, ...files] = process.argv.slice(2);
const ajv = new Ajv({ strict: true, strictTypes: true, strictTuples: true, allErrors: true });
const validate = ajv.compile(read(schema));
let bad = 0;
for (const file of files) {
  if (validate(read(file))) continue;
  bad++;
  for (const e of validate.errors) console.log(`${file}: ${e.instancePath} ${e.message}`);
}
process.exit(bad ? 1 : 0);
