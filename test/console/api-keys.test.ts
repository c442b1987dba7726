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
