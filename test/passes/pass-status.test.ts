import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const NOW = '2030-01-15T10:20:30.000Z'
const DAY_MS = 86_400_000
const later = (ms: number) => new Date(new Date(NOW).getTime() + ms).toISOString()
beforeEach(() => server.clock.set(NOW))
afterEach(() => server.clock.set(NOW))

async function newPass(fields: Record<string, unknown>) {
  const project = await server.createProject()
  const passes = managementOf(server, project)
  const { id } = await server.createPass(project, fields)
  const statusAt = async (instant: string) => {
    server.clock.set(instant)
    const read = await passes.read(id)
    return read.body.data.attributes.status
  }
  return { passes, id, statusAt }
}

describe('the status of a pass', () => {
  it('goes from scheduled over active and expiring to expired as time passes', async () => {
    const validFrom = later(10 * DAY_MS)
    const validUntil = later(100 * DAY_MS)
    const { statusAt } = await newPass({ validFrom, validUntil })
    expect(await statusAt(NOW)).toBe('scheduled')
    expect(await statusAt(later(10 * DAY_MS - 1))).toBe('scheduled')
    expect(await statusAt(validFrom)).toBe('active')
    expect(await statusAt(later(70 * DAY_MS - 1))).toBe('active')
    expect(await statusAt(later(70 * DAY_MS))).toBe('expiring')
    expect(await statusAt(later(100 * DAY_MS - 1))).toBe('expiring')
    expect(await statusAt(validUntil)).toBe('expired')
  })

  it('is never expiring or expired where there is no end', async () => {
    const { statusAt } = await newPass({ validUntil: null })
    expect(await statusAt('2999-01-01T00:00:00Z')).toBe('active')
  })

  it('is scheduled rather than expiring before a short window opens', async () => {
    const { statusAt } = await newPass({ validFrom: later(DAY_MS), validUntil: later(2 * DAY_MS) })
    expect(await statusAt(NOW)).toBe('scheduled')
    expect(await statusAt(later(DAY_MS))).toBe('expiring')
  })

  it.each([
    ['scheduled', { validFrom: later(DAY_MS) }, NOW],
    ['active', {}, NOW],
    ['expiring', { validUntil: later(DAY_MS) }, NOW],
    ['expired', { validUntil: later(DAY_MS) }, later(2 * DAY_MS)],
  ])(
    'is inactive first of all when the pass is off, though it would be %s',
    async (name, fields, instant) => {
      const { passes, id, statusAt } = await newPass(fields)
      expect(await statusAt(instant)).toBe(name)
      await passes.act(id, 'revoke')
      expect(await statusAt(instant)).toBe('inactive')
      await passes.act(id, 'activate')
      expect(await statusAt(instant)).toBe(name)
    },
  )

  it('is the same in a list as in a read', async () => {
    const { passes, statusAt } = await newPass({ validUntil: later(DAY_MS) })
    expect(await statusAt(later(DAY_MS))).toBe('expired')
    const { body } = await passes.list()
    expect(body.data[0].attributes.status).toBe('expired')
  })
})
