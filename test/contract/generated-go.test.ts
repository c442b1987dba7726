import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { format } from '@wasm-fmt/gofmt'
import { InputData, JSONSchemaInput, quicktype } from 'quicktype-core'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { startServer, type TestServer } from '../support/server.ts'

const run = promisify(execFile)

/** Reads what the server answered into the types, and says what it found there. */
const PROGRAM = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

func main() {
	var made PassesCreateAnswer
	if err := json.NewDecoder(os.Stdin).Decode(&made); err != nil {
		panic(err)
	}
	attributes := made.Data.Attributes
	var from time.Time = attributes.ValidFrom
	var active bool = attributes.Active
	var seconds int64 = attributes.TokenTTL
	fmt.Println(attributes.Title, active, seconds, from.UTC().Format(time.RFC3339), made.Meta.Credentials.ClientID)
}
`

let server: TestServer
let source: string

beforeAll(async () => {
  server = await startServer()
  source = await goTypes((await server.http.get('/openapi.json')).body.components.schemas)
})
afterAll(() => server.close())

/** Types of all named schemas. quicktype knows those of one document under \`definitions\`. */
async function goTypes(schemas: Record<string, object>): Promise<string> {
  const named = Object.keys(schemas).map(name => [name, { $ref: `#/definitions/${name}` }])
  const root = { type: 'object', properties: Object.fromEntries(named), definitions: schemas }
  const schema = JSON.stringify(root).replaceAll('#/components/schemas/', '#/definitions/')
  const input = new JSONSchemaInput(undefined)
  await input.addSource({ name: 'Contract', schema })
  const inputData = new InputData()
  inputData.addInput(input)
  const { lines } = await quicktype({ inputData, lang: 'go', rendererOptions: { package: 'main' } })
  return lines.join('\n')
}

it('makes Go types by quicktype, with a field for each of the contract', () => {
  // Throws at what is no Go.
  const formatted = format(source)
  expect(formatted).toMatch(/^type PassesCreateAnswer struct \{$/m)
  for (const field of ['ValidFrom +time.Time', 'UsageCount +int64', 'Active +bool', 'Tags +\\[\\]string'])
    expect(formatted).toMatch(new RegExp(`^\\t${field} `, 'm'))
})

describeUnless(notOnPath('go'), 'Go types, by the compiler of Go', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-go-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('compile, and read what the server answers', async () => {
    await writeFile(join(folder, 'go.mod'), 'module generated\n\ngo 1.19\n')
    await writeFile(join(folder, 'types.go'), source)
    await writeFile(join(folder, 'main.go'), PROGRAM)
    const project = await server.createProject()
    const created = await server.http
      .post(`${project.path}/sentinel_passes`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { title: 'Generated', tokenTtl: 60, validFrom: '2026-01-01' } })
    const running = run('go', ['run', '.'], { cwd: folder, env: { ...process.env, GOTOOLCHAIN: 'local' } })
    running.child.stdin?.end(created.text)
    const { clientId } = created.body.meta.credentials
    expect((await running).stdout).toBe(`Generated true 60 2026-01-01T00:00:00Z ${clientId}\n`)
  })
})
