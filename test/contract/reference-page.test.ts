import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('the reference page', () => {
  it('loads all that it names from this server', async () => {
    const page = await server.http.get('/docs')
    expect([page.status, page.type]).toEqual([200, 'text/html'])
    const names = [...page.text.matchAll(/(?:src|href|data-document)="([^"]+)"/g)].map(([, name]) => name)
    expect(names).toHaveLength(5)
    for (const name of names) {
      expect(name).toMatch(/^\/(docs\/|openapi\.json)/)
      const file = await server.http.get(String(name))
      expect([name, file.status]).toEqual([name, 200])
    }
  })

  it('has no script of its own, and a policy that allows none and no other host', async () => {
    const page = await server.http.get('/docs')
    for (const [, attributes, text] of page.text.matchAll(/<script([^>]*)>([^<]*)/g))
      expect([attributes?.includes('src='), text]).toEqual([true, ''])
    expect(page.text).not.toMatch(/<style|\son\w+=|style=/)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  it('asks no other host to validate the document', async () => {
    const script = await server.http.get('/docs/setup.js')
    expect(script.text).toContain('validatorUrl: null')
  })

  it('serves its own files and no others', async () => {
    for (const name of ['package.json', '..%2fpackage.json', 'index.html', 'swagger-ui.js']) {
      const answer = await server.http.get(`/docs/${name}`)
      expect([name, answer.status]).toEqual([name, 404])
    }
  })
})

it('follows a PUBLIC_URL that has a path', async () => {
  const other = await startServer({ env: { PUBLIC_URL: 'https://example.test/auth' } })
  try {
    const page = await other.http.get('/docs')
    expect(page.text).toContain('src="/auth/docs/setup.js"')
    expect(page.text).toContain('data-document="/auth/openapi.json"')
    const document = await other.http.get('/openapi.json')
    expect(document.body.servers).toEqual([{ url: 'https://example.test/auth' }])
  } finally {
    await other.close()
  }
})
