import type { Browser } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

it('creates a key, shows it once and not before it is kept, and deletes it', async () => {
  const project = await server.createProject()
  const statusWith = async (key: string) =>
    (await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', key)).status
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/api-keys`)
  await page.getByText('Project key').waitFor()
  await expectReadable(page)

  await page.getByRole('button', { name: 'Create an API key' }).click()
  await page.getByLabel('Note').fill('Deployment')
  await page.getByLabel('Last day').fill('2030-01-20')
  await expectReadable(page)
  await page.getByRole('button', { name: 'Create the key' }).click()
  const shown = page.getByLabel('API key', { exact: true })
  const key = (await shown.textContent()) ?? ''
  expect(await statusWith(key)).toBe(200)
  await page.mouse.click(5, 5)
  await page.keyboard.press('Escape')
  expect(await shown.textContent()).toBe(key)
  await expectReadable(page)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await shown.waitFor({ state: 'detached' })
  const row = page.getByRole('row', { name: /Deployment/ })
  await row.getByText('20 Jan 2030').waitFor()
  await page.reload()
  await row.waitFor()
  expect(await page.content()).not.toContain(key)

  await row.getByRole('button', { name: 'Delete Deployment' }).click()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Delete the key' }).click()
  await row.waitFor({ state: 'detached' })
  expect(await statusWith(key)).toBe(401)
})

it('makes one key of a creation whose answer was lost, and shows it at the next try', async () => {
  const project = await server.createProject()
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/api-keys`)
  await page.getByRole('button', { name: 'Create an API key' }).click()
  await page.getByLabel('Note').fill('Twice')
  await page.route('**/api_keys', async route => {
    if (route.request().method() !== 'POST') return route.continue()
    await route.fetch()
    return route.abort()
  })
  await page.getByRole('button', { name: 'Create the key' }).click()
  await page.getByRole('alert').getByText('cannot be reached').first().waitFor()
  await page.unroute('**/api_keys')
  await page.getByRole('button', { name: 'Create the key' }).click()
  const key = (await page.getByLabel('API key', { exact: true }).textContent()) ?? ''
  const { body } = await server.http.get(`${project.path}/api_keys`).set('Api-Key', key)
  expect(
    body.data.filter(({ attributes }: { attributes: { note: string } }) => attributes.note === 'Twice'),
  ).toHaveLength(1)
})

it('marks a key that has expired', async () => {
  const project = await server.createProject()
  const expiresAt = new Date(server.clock.now() + 1000).toISOString()
  await server.http
    .post(`${project.path}/api_keys`)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes: { note: 'Short', expiresAt } } })
  server.clock.advance({ minutes: 1 })
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/api-keys`)
  await page.getByRole('row', { name: /Short/ }).getByText('Expired').waitFor()
})

it('changes the note of a key and takes its end away', async () => {
  const project = await server.createProject()
  await server.http
    .post(`${project.path}/api_keys`)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes: { note: 'Deployment', expiresAt: '2030-02-20T12:00:00Z' } } })
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/api-keys`)
  await page.getByRole('button', { name: 'Change Deployment' }).click()
  await page.getByLabel('Note').fill('Delivery')
  await expectReadable(page)
  await page.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: /Delivery/ })
  await row.getByText('20 Feb 2030').waitFor()
  const keys = await server.http.get(`${project.path}/api_keys`).set('Api-Key', project.apiKey)
  expect(keys.body.data[0].attributes).toMatchObject({
    note: 'Delivery',
    expiresAt: '2030-02-20T12:00:00.000Z',
  })
  await row.getByRole('button', { name: 'Change Delivery' }).click()
  await page.getByLabel('Last day').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await row.getByText('20 Feb 2030').waitFor({ state: 'detached' })
})

it('creates a key of an organization with a role, for its admins alone', async () => {
  const project = await server.createProject()
  const { page } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`/console/organizations/${project.organizationId}`)
  await page.getByRole('navigation', { name: 'Organization' }).getByRole('link', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Create an API key' }).click()
  await page.getByLabel('Note').fill('Platform')
  await page.getByRole('combobox', { name: 'Role' }).click()
  expect(await page.getByRole('option').allTextContents()).toEqual(['Viewer', 'Member', 'Admin'])
  await page.getByRole('option', { name: 'Admin' }).click()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Create the key' }).click()
  const key = (await page.getByLabel('API key', { exact: true }).textContent()) ?? ''
  const made = await server.http
    .post(`/v1/api/organizations/${project.organizationId}/projects`)
    .set('Api-Key', key)
    .send({ data: { attributes: { name: 'By a machine' } } })
  expect(made.status).toBe(201)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.getByRole('row', { name: /Platform.*Admin/ }).waitFor()
  await expectReadable(page)
  await page.setViewportSize({ width: 360, height: 800 })
  await expectReadable(page)

  const member = await signedIn(browser, server, project, { role: 'MEMBER' })
  await member.page.goto(`/console/organizations/${project.organizationId}/members`)
  const links = member.page.getByRole('navigation', { name: 'Organization' })
  await links.getByRole('link', { name: 'Members' }).waitFor()
  expect(await links.getByRole('link', { name: 'API keys' }).count()).toBe(0)
})
