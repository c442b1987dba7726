/**
 * Whether the time of a refusal tells a client that exists from one that does not: by a wrong secret and by an assertion of a
 * wrong key, each tried in turn at both. The share of pairs in which the one that exists took longer (the area under the
 * ROC curve): 0.5 tells nothing, 1 everything.
 *
 * `npm run bench:refusals` on the embedded database, `TEST_BACKEND=postgresql` on PostgreSQL. Exit code 1 above what is promised.
 */
import argon2id from '../../config/argon2id.json' with { type: 'json' }

process.env.TEST_BACKEND ??= 'pglite'
const { createTemplate } = await import('../support/backend.ts')
const { startServer } = await import('../support/server.ts')
const { measureRefusals, REFUSALS } = await import('../support/refusal-times.ts')

const PROMISED = 0.55
const TRIES = Number(process.argv[2] ?? 5000)

const template = await createTemplate()
process.env.TEST_TEMPLATE = template.name
const server = await startServer({ slowHash: argon2id })
let worst = 0
for (const way of REFUSALS) {
  const told = await measureRefusals(server, way, TRIES)
  process.stdout.write(`${way}: ${told.toFixed(3)} of ${TRIES} tries each\n`)
  worst = Math.max(worst, told, 1 - told)
}
await server.close()
await template.remove()
process.exit(worst > PROMISED ? 1 : 0)
