import type { Browser, Page } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import { introspect, managementOf } from '../support/management.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const statusOf = async (credentials: { clientId: string; clientSecret: string }) =>
  (
    await server.http
      .post('/v1/api/oauth/token')
      .auth(credentials.clientId, credentials.clientSecret)
      .type('form')
      .send({ grant_type: 'client_credentials' })
  ).status

describe('the overview of a pass', () => {
  it('shows all of it, and a token that its agent fetches at the next refresh', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { title: 'Sourcing Agent', tags: ['team-a'] })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}`)
    await page.getByRole('heading', { level: 1, name: 'Sourcing Agent' }).waitFor()
    const shown = page.getByRole('main')
    for (const text of ['sourcing_agent', 'team-a', 'Automation tool', 'API Access', 'Opaque, 900 seconds'])
      await shown.getByText(text, { exact: true }).waitFor()
    await shown.getByText(pass.credentials.clientId).waitFor()
    const figure = (label: string, value: RegExp | string) =>
      shown.getByRole('group', { name: label }).filter({ hasText: value }).waitFor()
    await figure('Total requests', /requests0$/)

    await server.fetchToken(pass.credentials)
    await page.clock.fastForward(30_000)
    await figure('Total requests', /requests1$/)
    await figure('Success rate', '100%')
    await figure('Last used', 'Uses since it was made: 1')
    await expectReadable(page)
  })
})

describe('the credentials of a pass', () => {
  it('are made anew, shown once, and the old secret lives on for its grace period', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.attributes.passId}/settings`)
    await button(page, 'Regenerate credentials').click()
    await dialog(page).getByRole('combobox').click()
    await page.getByRole('option', { name: 'after an hour' }).click()
    await expectReadable(page)
    await button(page, 'Regenerate').click()
    const secret = await dialog(page).getByText(/^sps_/).first().textContent()
    expect(await statusOf({ ...pass.credentials, clientSecret: secret ?? '' })).toBe(200)
    expect(await statusOf(pass.credentials)).toBe(200)

    await button(page, 'Complete').click()
    await page.getByText('The secret was not copied').waitFor()
    await button(page, 'Leave without it').click()
    await dialog(page).first().waitFor({ state: 'hidden' })
    expect(await page.content()).not.toContain(secret ?? 'sps_')
    const secrets = page.getByRole('table', { name: 'Secrets' }).getByRole('row')
    await secrets.nth(2).waitFor()
    // Both were used just now, and the table says so once it is read again.
    await page.reload()
    await secrets.nth(2).waitFor()
    expect((await secrets.allTextContents()).slice(1).filter(row => row.includes('127.0.0.1'))).toHaveLength(
      2,
    )
  })
})

describe('the secrets of a pass', () => {
  it('are rotated again while a grace period runs only by who ends it, with the live tokens if asked', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    const rows = page.getByRole('table', { name: 'Secrets' }).getByRole('row')
    await rows.nth(1).waitFor()
    // Somebody else rotates meanwhile.
    await server.http
      .post(`${project.path}/sentinel_passes/${pass.id}/rotate_key`)
      .set('Api-Key', project.apiKey)
      .send({ gracePeriodSeconds: 3600 })
    const token = await server.fetchToken(pass.credentials)
    await button(page, 'Regenerate credentials').click()
    await button(page, 'Regenerate').click()
    await dialog(page).getByRole('alert').filter({ hasText: 'grace period' }).waitFor()
    expect(await statusOf(pass.credentials)).toBe(200)
    const end = dialog(page).getByLabel('End the grace period that is running')
    await end.check()
    await dialog(page).getByLabel('End live tokens now').check()
    await expectReadable(page)
    await button(page, 'Regenerate').click()
    await dialog(page).getByText(/^sps_/).first().waitFor()
    expect(await statusOf(pass.credentials)).toBe(401)
    expect(await introspect(server, project, token)).toEqual({ active: false })
  })

  it('are ended one by one, and the last one only beside keys', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const { body } = await server.http
      .post(`${project.path}/sentinel_passes/${pass.id}/rotate_key`)
      .set('Api-Key', project.apiKey)
      .send({ gracePeriodSeconds: 3600 })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    const table = page.getByRole('table', { name: 'Secrets' })
    await table
      .getByRole('button', { name: /^End the secret made/ })
      .nth(1)
      .click()
    await expectReadable(page)
    await button(page, 'End it').click()
    await page.getByText('The secret is ended.').waitFor()
    expect([await statusOf(pass.credentials), await statusOf(body.meta.credentials)]).toEqual([401, 200])
    await table.getByRole('row').nth(2).waitFor({ state: 'detached' })
    expect(await table.getByRole('button').count()).toBe(0)
  })
})

describe('a pass that was made by a pass', () => {
  it('leads to its maker and back, and goes on by itself once an admin says so', async () => {
    const project = await server.createProject()
    const maker = await server.createPass(project, {
      title: 'Maker',
      scopes: ['passes:write', 'read'],
      permissions: ['read'],
    })
    const made = await managementOf(server, project, {
      Authorization: `Bearer ${await server.fetchToken(maker.credentials)}`,
    }).create({ title: 'Made by it', scopes: ['read'], permissions: ['read'] })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${made.body.data.id}`)
    await page.getByRole('link', { name: 'pass Maker' }).click()
    await page.getByRole('heading', { level: 1, name: 'Maker' }).waitFor()
    await page.getByRole('link', { name: 'Show them' }).click()
    await page.getByText(`1 pass matches, made by the pass ${maker.attributes.passId}`).waitFor()
    await expectReadable(page)
    await page.goto(`${base}/passes/${made.body.data.id}/settings`)
    await button(page, 'Let it go on').click()
    await dialog(page).getByRole('button', { name: 'Let it go on' }).click()
    await page.getByText('no longer ends with the pass that made it').waitFor()
    const read = await managementOf(server, project).read(made.body.data.id)
    expect(read.body.data.attributes.endsWithCreator).toBe(false)
  })
})

describe('the metadata of a pass', () => {
  it('is changed, and only what was changed is sent', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { title: 'Old Name', description: 'stays', tags: ['one'] })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    await button(page, 'Edit').click()
    await page.getByLabel('Agent name').fill('New, Name')
    await button(page, 'Save').click()
    await page.getByText('Use letters, digits and spaces only, such as “New Name”.').waitFor()
    await page.getByLabel('Agent name').fill('New Name')
    const passId = await page.getByLabel('Pass ID').inputValue()
    await page.getByLabel('Pass ID').fill('')
    await button(page, 'Save').click()
    await page.getByText('It must not be empty.').waitFor()
    await page.getByLabel('Pass ID').fill(passId)
    await page.getByLabel('Never expires').check()
    await expectReadable(page)
    const [sent] = await Promise.all([
      page.waitForRequest(request => request.method() === 'PUT'),
      button(page, 'Save').click(),
    ])
    expect(sent.postDataJSON()).toEqual({
      sentinelPass: { title: 'New Name', agentType: 'new_name', validUntil: null },
    })
    await page.getByRole('heading', { level: 1, name: 'New Name' }).waitFor()
    const { body } = await server.http
      .get(`${project.path}/sentinel_passes/${pass.id}`)
      .set('Api-Key', project.apiKey)
    expect(body.data.attributes).toMatchObject({ description: 'stays', tags: ['one'], validUntil: null })
  })
})

describe('the lifetime of tokens', () => {
  it('that was not chosen follows the access level, although a longer one was once stored', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { accessLevel: 'standard', tokenTtl: 900 })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    await button(page, 'Edit').click()
    await page.getByRole('radio', { name: /^Basic/ }).click()
    await button(page, 'Save').click()
    await page.getByText('The changes are saved.').waitFor()
    const { body } = await server.http
      .get(`${project.path}/sentinel_passes/${pass.id}`)
      .set('Api-Key', project.apiKey)
    expect(body.data.attributes).toMatchObject({ accessLevel: 'basic', tokenTtl: 300 })
  })
})

describe('a pass that is switched', () => {
  it('is paused with its tokens alive, activated, and revoked with them ended', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { scopes: ['passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    const live = async () =>
      (await server.http.get(`${project.path}/sentinel_passes`).set('Authorization', `Bearer ${token}`))
        .status
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    await page.getByRole('table', { name: 'Live tokens' }).waitFor()
    await expectReadable(page)

    await button(page, 'Pause').click()
    await dialog(page).getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Inactive', { exact: true }).waitFor()
    expect([await statusOf(pass.credentials), await live()]).toEqual([401, 200])

    await button(page, 'Activate').click()
    await dialog(page).getByRole('button', { name: 'Activate' }).click()
    await page.getByText('Active', { exact: true }).waitFor()
    expect(await statusOf(pass.credentials)).toBe(200)

    await button(page, 'Revoke').click()
    expect(await page.getByLabel('End live tokens now').isChecked()).toBe(true)
    await dialog(page).getByRole('button', { name: 'Revoke' }).click()
    await page.getByText('Inactive', { exact: true }).waitFor()
    expect([await statusOf(pass.credentials), await live()]).toEqual([401, 401])
    await page.getByText('None.', { exact: true }).waitFor()
  })

  it('has each live token listed, and ended one by one', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    await server.fetchToken(pass.credentials)
    await server.fetchToken(pass.credentials)
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    const rows = page.getByRole('table', { name: 'Live tokens' }).getByRole('row')
    await rows.nth(2).waitFor()
    await rows.nth(1).getByRole('button', { name: 'End' }).click()
    await dialog(page).getByRole('button', { name: 'End it' }).click()
    await rows.nth(2).waitFor({ state: 'detached' })
    expect(await rows.count()).toBe(2)
  })

  it('is deleted once its name is typed', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { title: 'Old Agent' })
    const { page, base } = await signedIn(browser, server, project)
    await page.goto(`${base}/passes/${pass.id}/settings`)
    await button(page, 'Delete the pass').click()
    expect(await button(page, 'Delete for good').isDisabled()).toBe(true)
    await page.getByLabel('Type Old Agent to confirm').fill('Old Agent')
    await expectReadable(page)
    await button(page, 'Delete for good').click()
    await page.waitForURL(`**${base}/passes`)
    expect(await statusOf(pass.credentials)).toBe(401)
    await page.goBack()
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
  })
})

it('says when a pass could not be read, and reads it when asked again', async () => {
  const project = await server.createProject()
  const pass = await server.createPass(project, { title: 'Far Agent' })
  const { page, base } = await signedIn(browser, server, project)
  await page.route('**/sentinel_passes/*', route => route.fulfill({ status: 429, json: {} }))
  await page.goto(`${base}/passes/${pass.id}`)
  await page.getByRole('heading', { name: 'This page could not be shown' }).waitFor()
  await page.unrouteAll()
  await button(page, 'Try again').click()
  await page.getByRole('heading', { name: 'Far Agent' }).waitFor()
})

describe('the permissions of a pass', () => {
  it('are named for people, and the scopes changed by who may', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, {
      scopes: ['read:data', 'admin:users'],
      permissions: ['read:data'],
    })
    const { page, base } = await signedIn(browser, server, project, { role: 'MEMBER' })
    await page.goto(`${base}/passes/${pass.id}/permissions`)
    const scopes = page.getByRole('table', { name: 'Scopes' })
    await scopes.getByRole('row', { name: 'admin:users Admin Users' }).waitFor()
    await page
      .getByRole('table', { name: 'Permissions' })
      .getByRole('row', { name: /read:data Read Data/ })
      .waitFor()
    await page.getByText('Custom', { exact: true }).waitFor()
    await expectReadable(page)

    await button(page, 'Edit').click()
    await page.getByRole('combobox', { name: 'Scopes' }).pressSequentially('write:data,')
    await button(page, 'Save').click()
    await scopes.getByRole('row', { name: /write:data/ }).waitFor()
    const { body } = await server.http
      .get(`${project.path}/sentinel_passes/${pass.id}`)
      .set('Api-Key', project.apiKey)
    expect(body.data.attributes.scopes).toEqual(['read:data', 'admin:users', 'write:data'])
  })

  it('are not changed over somebody else’s change, nor with a scope that the role may not grant', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const { page, base } = await signedIn(browser, server, project, { role: 'MEMBER' })
    await page.goto(`${base}/passes/${pass.id}/permissions`)
    await button(page, 'Edit').click()
    await page.getByRole('combobox', { name: 'Scopes' }).pressSequentially('sc"ope,')
    await button(page, 'Save').click()
    await page.getByText('“sc"ope” must be a scope token').waitFor()
    await page.getByRole('combobox', { name: 'Scopes' }).press('Backspace')
    await page.getByRole('combobox', { name: 'Scopes' }).pressSequentially('passes:write,')
    await button(page, 'Save').click()
    await page.getByRole('alert').filter({ hasText: 'passes:write' }).waitFor()
    await server.http
      .put(`${project.path}/sentinel_passes/${pass.id}`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { description: 'changed meanwhile' } })
    await button(page, 'Save').click()
    await page.getByRole('alert').filter({ hasText: 'changed since it was read' }).waitFor()
    await page.goto(`${base}/passes/${pass.id}/settings`)
    await page.getByRole('main').getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('button', { name: /^Advanced/ }).click()
    expect(await page.getByLabel('Public keys').isDisabled()).toBe(true)
  })

  it('warn of an end that is near, and of one that has come', async () => {
    const project = await server.createProject()
    const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
    const warnings = {
      '2030-02-01': { text: /expires on .* within 30 days/, color: 'yellow' },
      '2030-01-14': { text: /expired on/, color: 'red' },
    }
    for (const [validUntil, { text, color }] of Object.entries(warnings)) {
      const today = server.clock.now()
      server.clock.set('2029-12-01')
      const pass = await server.createPass(project, { validUntil: `${validUntil}T00:00:00Z` })
      server.clock.set(today)
      await page.goto(`${base}/passes/${pass.id}/permissions`)
      const warning = page.getByRole('status').filter({ hasText: text })
      await warning.waitFor()
      expect(await warning.getAttribute('style')).toContain(`var(--mantine-color-${color}-light)`)
      await warning.getByTitle(`${validUntil} 00:00:00 UTC`).waitFor()
    }
  })
})

it('offers a VIEWER nothing on any tab that would answer 403', async () => {
  const project = await server.createProject()
  const pass = await server.createPass(project)
  await server.fetchToken(pass.credentials)
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  const offered: string[] = []
  for (const tab of ['', '/permissions', '/settings']) {
    await page.goto(`${base}/passes/${pass.id}${tab}`)
    await page.getByRole('heading', { level: 2 }).last().waitFor()
    offered.push(...(await page.getByRole('main').getByRole('button').allTextContents()))
  }
  // Copying and refreshing are symbols without a word.
  expect(offered.filter(Boolean)).toEqual([])
})
