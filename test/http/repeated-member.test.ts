import fc from 'fast-check'
import { repeatedMember } from '../../src/http/repeated-member.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe('repeatedMember', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":1,"b":1}}', 'b'],
    ['[{"a":1},{"a":1,"c":[],"a":{}}]', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{ "a" : "x:\\"a\\":", "a" : 1 }', 'a'],
  ])('finds it in %s', (json, name) => {
    expect(repeatedMember(json)).toBe(name)
  })

  it('finds none in what was made of a value', () => {
    fc.assert(fc.property(fc.jsonValue(), value => repeatedMember(JSON.stringify(value)) === undefined))
  })
})

describe('a JSON body', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.close())

  it('that says something twice is refused, whichever of the two was meant', async () => {
    const project = await server.createProject()
    const send = (scopes: string) =>
      server.http
        .post(`${project.path}/sentinel_passes`)
        .set({ 'Api-Key': project.apiKey, 'Content-Type': 'application/json' })
        .send(`{"sentinelPass":{"title":"Agent","scopes":["read"]${scopes}}}`)
    expect((await send('')).status).toBe(201)
    for (const again of [',"scopes":["admin"]', ',"\\u0073copes":["read"]']) {
      const answer = await send(again)
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_body'])
      expect(answer.body.detail).toContain('"scopes" twice')
    }
    const long = await send(`,"${'x'.repeat(5000)}":1,"${'x'.repeat(5000)}":1`)
    expect(long.text.length).toBeLessThan(1000)
  })
})
