import type { Browser } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import { createResource } from '../support/resource-servers.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

it('registers a resource server, changes it, and deletes it', async () => {
  const project = await server.createProject()
  const attributes = async () => {
    const { body } = await server.http.get(`${project.path}/resource_servers`).set('Api-Key', project.apiKey)
    return body.data.map((one: { attributes: object }) => one.attributes)
  }
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/resource-servers`)
  await page.getByText('There is no resource server.').waitFor()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Register a resource server' }).click()
  await page.getByRole('textbox', { name: 'Resource' }).fill('https://ledger.example.com')
  await page.getByLabel('Title').fill('Ledger')
  await page.getByLabel('Scopes').fill('entries:write Post entries\nentries:read')
  await page.getByLabel('Longest token lifetime in seconds').fill('60')
  await expectReadable(page)
  await page.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: /Ledger/ })
  await row.waitFor()
  await expectReadable(page)
  expect(await attributes()).toMatchObject([
    {
      resource: 'https://ledger.example.com',
      title: 'Ledger',
      maxTokenTtl: 60,
      scopes: [
        { name: 'entries:write', description: 'Post entries' },
        { name: 'entries:read', description: '' },
      ],
    },
  ])

  await row.getByRole('button', { name: 'Edit Ledger' }).click()
  await page.getByLabel('Title').fill('Books')
  await page.getByRole('button', { name: 'Save' }).click()
  const changed = page.getByRole('row', { name: /Books/ })
  await changed.waitFor()
  await changed.getByRole('button', { name: 'Delete Books' }).click()
  await page.getByRole('button', { name: 'Delete the resource server' }).click()
  await changed.waitFor({ state: 'detached' })
  expect(await attributes()).toEqual([])
})

it('shows a VIEWER what there is, and nothing to do', async () => {
  const project = await server.createProject()
  await createResource(server, project, { resource: 'https://reports.example.com', title: 'Reports' })
  const { page, base } = await signedIn(browser, server, project, { role: 'VIEWER' })
  await page.goto(`${base}/resource-servers`)
  const row = page.getByRole('row', { name: /Reports/ })
  await row.getByText('https://reports.example.com').waitFor()
  expect(await row.getByRole('button').count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Register a resource server' }).count()).toBe(0)
})
