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

it('registers one once when the answer was lost, and changes none that somebody else has changed since', async () => {
  const project = await server.createProject()
  const path = `${project.path}/resource_servers`
  const { page, base } = await signedIn(browser, server, project, { role: 'ADMIN' })
  await page.goto(`${base}/resource-servers`)
  await page.getByRole('button', { name: 'Register a resource server' }).click()
  await page.getByRole('textbox', { name: 'Resource' }).fill('https://once.example.com')
  await page.getByLabel('Title').fill('Once')
  await page.route('**/resource_servers', async route => {
    if (route.request().method() !== 'POST') return route.continue()
    await route.fetch()
    return route.abort()
  })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('cannot be reached').first().waitFor()
  await page.unroute('**/resource_servers')
  await page.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: /Once/ })
  await row.waitFor()

  await row.getByRole('button', { name: 'Edit Once' }).click()
  await page.getByLabel('Title').fill('Mine')
  const { body } = await server.http.get(path).set('Api-Key', project.apiKey)
  const theirs = { data: { attributes: { title: 'Theirs' } } }
  await server.http.put(`${path}/${body.data[0].id}`).set('Api-Key', project.apiKey).send(theirs)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('has been changed since you read it').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Edit Theirs' }).click()
  await page.getByLabel('Title').fill('Mine')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row', { name: /Mine/ }).waitFor()
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
