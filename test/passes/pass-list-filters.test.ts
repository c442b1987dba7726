import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const NOW = '2030-01-15T10:20:30.000Z'

/** A project with these passes, and the titles that a list of it answers, in alphabetical order. */
async function projectWith(...passes: Record<string, unknown>[]) {
  server.clock.set(NOW)
  const project = await server.createProject()
  for (const fields of passes) await server.createPass(project, fields)
  const management = managementOf(server, project)
  return async (query: Record<string, unknown>) => {
    const { body, status } = await management.list(query)
    expect(status).toBe(200)
    const titles = body.data.map((one: { attributes: { title: string } }) => one.attributes.title).sort()
    expect(body.meta.total).toBe(titles.length)
    return titles
  }
}

describe('the filters of the list of passes', () => {
  it('active: those that are on, or off', async () => {
    const titles = await projectWith({ title: 'On' }, { title: 'Off', active: false })
    expect(await titles({ active: 'true' })).toEqual(['On'])
    expect(await titles({ active: 'false' })).toEqual(['Off'])
    expect(await titles({})).toEqual(['Off', 'On'])
  })

  it('credential_type: those of one type', async () => {
    const titles = await projectWith(
      { title: 'Key', credentialType: 'api_key' },
      { title: 'Client', credentialType: 'oauth_client' },
      { title: 'Token', credentialType: 'token' },
    )
    expect(await titles({ credential_type: 'api_key' })).toEqual(['Key'])
    expect(await titles({ credential_type: 'oauth_client' })).toEqual(['Client'])
    expect(await titles({ credential_type: 'token' })).toEqual(['Token'])
  })

  it('search: a part of the title in any case', async () => {
    const titles = await projectWith({ title: 'Sourcing Agent' }, { title: 'Mail' }, { title: 'Re Source' })
    expect(await titles({ search: 'SOURC' })).toEqual(['Re Source', 'Sourcing Agent'])
    expect(await titles({ search: 'ing a' })).toEqual(['Sourcing Agent'])
    expect(await titles({ search: 'nothing' })).toEqual([])
  })

  it('search: in any case of letters outside of ASCII too', async () => {
    const titles = await projectWith({ title: 'Ärzte Überblick' }, { title: 'Żółw' }, { title: 'ДАННЫЕ' })
    expect(await titles({ search: 'äRZTE ü' })).toEqual(['Ärzte Überblick'])
    expect(await titles({ search: 'żÓŁW' })).toEqual(['Żółw'])
    expect(await titles({ search: 'данные' })).toEqual(['ДАННЫЕ'])
  })

  it.each(['%', '_', 'a_b', 'a%', '\\', '*'])('search: %s is no wildcard', async search => {
    const titles = await projectWith({ title: 'a b' }, { title: 'aXb' })
    expect(await titles({ search })).toEqual([])
  })

  it('tags: those that have all of them', async () => {
    const titles = await projectWith(
      { title: 'Both', tags: ['red', 'blue', 'green'] },
      { title: 'Red', tags: ['red'] },
      { title: 'Reddish', tags: ['reddish'] },
      { title: 'None' },
    )
    expect(await titles({ tags: 'red' })).toEqual(['Both', 'Red'])
    expect(await titles({ tags: 'blue,red' })).toEqual(['Both'])
    expect(await titles({ tags: ' red , blue ' })).toEqual(['Both'])
    expect(await titles({ tags: 'red,yellow' })).toEqual([])
  })

  it('status: those that have it now, each in one status only', async () => {
    const titles = await projectWith(
      { title: 'Inactive', active: false, validUntil: '2030-01-16' },
      { title: 'Expired', validUntil: '2030-01-15T10:20:31Z' },
      { title: 'Scheduled', validFrom: '2030-02-20', validUntil: '2030-02-22' },
      { title: 'Expiring', validUntil: '2030-02-14T10:20:31Z' },
      { title: 'Active' },
      { title: 'For ever', validUntil: null },
      { title: 'Later for ever', validFrom: '2031-01-01', validUntil: null },
    )
    server.clock.advance({ seconds: 1 })
    expect(await titles({ status: 'inactive' })).toEqual(['Inactive'])
    expect(await titles({ status: 'expired' })).toEqual(['Expired'])
    expect(await titles({ status: 'scheduled' })).toEqual(['Later for ever', 'Scheduled'])
    expect(await titles({ status: 'expiring' })).toEqual(['Expiring'])
    expect(await titles({ status: 'active' })).toEqual(['Active', 'For ever'])
    server.clock.advance({ days: 40 })
    expect(await titles({ status: 'expired' })).toEqual(['Expired', 'Expiring', 'Scheduled'])
  })

  it('together: those that match all of them', async () => {
    const titles = await projectWith(
      { title: 'Agent one', tags: ['red'], credentialType: 'token' },
      { title: 'Agent two', tags: ['red'], credentialType: 'token', active: false },
      { title: 'Agent three', tags: ['blue'], credentialType: 'token' },
      { title: 'Other', tags: ['red'], credentialType: 'token' },
      { title: 'Agent four', tags: ['red'] },
    )
    const query = { tags: 'red', credential_type: 'token', search: 'agent', active: 'true', status: 'active' }
    expect(await titles(query)).toEqual(['Agent one'])
  })

  it('show nothing of another project', async () => {
    await projectWith({ title: 'Theirs', tags: ['red'] })
    const titles = await projectWith({ title: 'Mine', tags: ['red'] })
    expect(await titles({ tags: 'red' })).toEqual(['Mine'])
  })
})

describe('bad filters', () => {
  it.each([
    ['active=1', ['active']],
    ['active=', ['active']],
    ['active=true&active=false', ['active']],
    ['credential_type=password', ['credential_type']],
    ['status=dead', ['status']],
    [`search=${'x'.repeat(201)}`, ['search']],
    ['search=%00', ['search']],
    ['unheard_of=1', ['unheard_of']],
    ['status=dead&active=1&unheard_of=1', ['active', 'status', 'unheard_of']],
  ])('are refused by name: %s', async (query, parameters) => {
    const project = await server.createProject()
    const { body, status } = await server.http
      .get(`${project.path}/sentinel_passes?${query}`)
      .set('Api-Key', project.apiKey)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual(parameters)
  })
})
