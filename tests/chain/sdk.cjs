// node sdk.cjs: the vendor's own SDK updates a CVM whose keys a contract owns, in three ways, and
// registers the hashes by its own code. Run it where node finds the packages. The environment says
// API, API_KEY, CVM, RPC and OWNER_KEY; what came of each way goes to standard output as JSON.
const { createRequire } = require("node:module");
const path = require("node:path");

const here = createRequire(path.join(process.cwd(), "package.json"));
const sdk = here("@phala/cloud");
const { foundry } = here("viem/chains"); // chain id 31337
console.log = () => {}; // where the SDK shows logs of a receipt

const { API, API_KEY, CVM, RPC, OWNER_KEY } = process.env;
const client = sdk.createClient({ apiKey: API_KEY, baseURL: `${API}/api/v1` });

async function register(appId, composeHash) {
  const { transactionHash } = await sdk.addComposeHash({
    chain: foundry,
    rpcUrl: RPC,
    appId,
    composeHash,
    privateKey: OWNER_KEY,
  });
  return transactionHash;
}

// Wait until the update is over, as a client would.
async function settle() {
  for (;;) {
    const cvm = await client.get(`/cvms/${CVM}`);
    if (!cvm.in_progress) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}

async function update() {
  const asked = { id: CVM, docker_compose_file: "services: {sdk: {image: a}}\n", vcpu: 4 };
  const first = await sdk.patchCvm(client, asked);
  const transactionHash = await register(first.appId, first.composeHash);
  const proof = { id: CVM, composeHash: first.composeHash, transactionHash };
  const second = await sdk.confirmCvmPatch(client, proof);
  await settle();
  return { asked: first.requiresOnChainHash, ...second };
}

async function script() {
  const asked = { id: CVM, pre_launch_script: "#!/bin/sh\necho by the SDK\n" };
  const first = await sdk.updatePreLaunchScript(client, asked);
  const transaction_hash = await register(first.app_id, first.compose_hash);
  const proof = { ...asked, compose_hash: first.compose_hash, transaction_hash };
  const second = await sdk.updatePreLaunchScript(client, proof);
  await settle();
  return { asked: first.status, correlationId: second.correlation_id };
}

async function commit() {
  const asked = { id: CVM, docker_compose_file: "services: {sdk: {image: b}}\n", prepareOnly: true };
  const first = await sdk.patchCvm(client, asked);
  const before = first.onchainStatus.compose_hash_allowed;
  await register(first.appId, first.composeHash);
  const second = await sdk.commitCvmUpdate(client, {
    id: CVM,
    token: first.commitToken,
    composeHash: first.composeHash,
    transactionHash: "already-registered",
  });
  await settle();
  return { allowedBefore: before, ...second };
}

async function main() {
  const told = { update: await update(), script: await script(), commit: await commit() };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

main().catch((fault) => {
  process.stderr.write(`${fault.stack}\n`);
  process.exit(1);
});
