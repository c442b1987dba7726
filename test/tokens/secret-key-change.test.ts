import { createPlace, type TestPlace } from '../support/backend.ts'
import { startServer, type TestServer } from '../support/server.ts'

const [OLD, NEW] = [1, 2].map(byte => Buffer.alloc(32, byte).toString('base64'))

let place: TestPlace
beforeAll(async () => {
  place = await createPlace()
})
afterAll(() => place.remove())

async function withSecretKey<Result>(
  keys: string,
  act: (server: TestServer) => Promise<Result>,
): Promise<Result> {
  const server = await startServer({ place, env: { SECRET_KEY: keys } })
  try {
    return await act(server)
  } finally {
    await server.close()
  }
}

describe('changing SECRET_KEY', () => {
  it('loses nothing that was used while both keys were given', async () => {
    const { project, pass, kid } = await withSecretKey(`${OLD}`, async server => {
      const made = await server.createProject()
      const kept = await server.createPass(made)
      const { body } = await server.http.get('/.well-known/jwks.json')
      return { project: made, pass: kept, kid: body.keys[0].kid }
    })
    const uses = async (server: TestServer) => {
      await server.fetchToken(pass.credentials)
      const passes = await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
      expect(passes.status).toBe(200)
      const { body } = await server.http.get('/.well-known/jwks.json')
      expect(body.keys[0].kid).toBe(kid)
    }
    await withSecretKey(`${NEW},${OLD}`, uses)
    await withSecretKey(`${NEW}`, uses)
  })

  it('refuses to start without the key that the database was written with', async () => {
    await expect(withSecretKey(`${OLD}`, async () => {})).rejects.toThrow(/SECRET_KEY/)
  })
})
