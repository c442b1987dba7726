import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { startServer, type TestServer } from '../support/server.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** The routes of the page, whole: `…` stands for what its section is below. */
function documentedRoutes(): string[] {
  const sections = read('docs/api.md').split(/^### /m).slice(1)
  return sections.flatMap(section => {
    const below = /^Below `(.+)`:$/m.exec(section)?.[1] ?? ''
    return [...section.matchAll(/^\| `([A-Z]+) (\S+)` \|/gm)].map(
      ([, method, path = '']) => `${method} ${path.replace('…', below)}`,
    )
  })
}

describe('the lists of the documents', () => {
  it('have each route of the contract, and no other', async () => {
    const answer = await fetch(`${server.url}/openapi.json`)
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(await answer.json())
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter(method => METHODS.includes(method))
        .map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(documentedRoutes().sort()).toEqual(routes.sort())
  })

  it('have each setting, and no other', () => {
    const [, schema = ''] =
      /^const environment = z([\s\S]*?)^ {2}\}\)/m.exec(read('src/platform/config.ts')) ?? []
    const settings = [...schema.matchAll(/^ {4}([A-Z][A-Z_]+):/gm)].map(([, name]) => name)
    const [, table = ''] = /^## Settings([\s\S]*?)^## /m.exec(read('docs/install.md')) ?? []
    const cells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell)
    const told = cells.flatMap(cell => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name))
    expect(told.sort()).toEqual(settings.sort())
  })
})
