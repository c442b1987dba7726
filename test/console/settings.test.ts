import type { Browser, Page } from 'playwright-core'
import { expectReadable, serveConsole, signedIn } from '../support/browser.ts'
import type { TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
serveConsole(started => {
  ;({ server, browser } = started)
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

// The first organization: its owners own the server, and make others.
it('renames an organization, and makes another one', async () => {
  const project = await server.createProject()
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/settings`)
  await page.getByRole('link', { name: 'Project', exact: true }).waitFor()
  await expectReadable(page)
  await page.getByLabel(/^Name of the organization/).fill('Analytical Engines')
  await button(page, 'Rename').click()
  await page.getByText('The organization is renamed.').waitFor()
  expect((await server.deps.organizations.service.organization(project.organizationId)).name).toBe(
    'Analytical Engines',
  )
  await button(page, 'Create an organization').click()
  await expectReadable(page)
  await page.getByRole('dialog').getByLabel(/^Name/).fill('Difference Engines')
  await button(page, 'Create the organization').click()
  await page.getByRole('heading', { level: 1, name: 'The first project' }).waitFor()
})

it('makes, renames and deletes a project, once its name is typed', async () => {
  const project = await server.createProject()
  const { page } = await signedIn(browser, server, project, { role: 'ADMIN' })
  const settings = `/console/organizations/${project.organizationId}/settings`
  await page.goto(settings)
  await button(page, 'Create a project').click()
  await page.getByLabel(/^Name of the project/).fill('Recruiting')
  await expectReadable(page)
  await button(page, 'Create the project').click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Settings' }).click()
  await page.getByText(`${server.url}/v1/api`, { exact: true }).waitFor()
  await expectReadable(page)
  await page.getByLabel(/^Name of the project/).fill('Hiring')
  await button(page, 'Rename').click()
  await page.getByText('The project is renamed.').waitFor()

  await button(page, 'Delete the project').click()
  const dialog = page.getByRole('dialog')
  await expectReadable(page)
  const confirmation = dialog.getByRole('button', { name: 'Delete the project' })
  expect(await confirmation.isDisabled()).toBe(true)
  await dialog.getByLabel(/^Type/).fill('Hiring')
  await confirmation.click()
  await page.getByRole('heading', { level: 1, name: 'Projects and settings' }).waitFor()
  await page.getByText('The project Hiring is deleted.').waitFor()
  expect(
    (
      await server.deps.organizations.service.projects(project.organizationId, { page: 1, per_page: 100 })
    ).items.map(({ name }) => name),
  ).toEqual(['Project'])

  await page.getByRole('table', { name: 'Deleted projects' }).getByRole('link', { name: 'Hiring' }).click()
  await page.getByText('This project is deleted').waitFor()
  await expectReadable(page)
  const pages = page.getByRole('navigation', { name: 'Project' }).getByRole('link')
  expect(await pages.allInnerTexts()).toEqual(['Overview', 'Audit'])
  await pages.getByText('Audit').click()
  await page.getByRole('cell', { name: 'Hiring', exact: true }).first().waitFor()
})

it('deletes an organization once its name is typed, and leaves what was done in it to read', async () => {
  const project = await server.createProject('Harbour')
  await server.createPass(project, { title: 'Crane' })
  const { page } = await signedIn(browser, server, project)
  await page.goto(`/console/organizations/${project.organizationId}/settings`)
  await page.getByRole('link', { name: 'Harbour', exact: true }).waitFor()
  expect(await page.getByText('Another organization').count()).toBe(0)
  await button(page, 'Delete the organization').click()
  const dialog = page.getByRole('dialog')
  await expectReadable(page)
  const confirmation = dialog.getByRole('button', { name: 'Delete the organization' })
  expect(await confirmation.isDisabled()).toBe(true)
  await dialog.getByLabel(/^Type/).fill('Harbour organization')
  await confirmation.click()
  await page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor()
  await page.getByText('The organization Harbour organization is deleted.').waitFor()
  await page.getByRole('table', { name: 'Deleted organizations' }).getByRole('link').click()
  await page.getByText('This organization is deleted.').waitFor()
  await expectReadable(page)
  const main = page.getByRole('main').getByRole('button')
  expect((await main.allTextContents()).filter(Boolean)).toEqual([])
  await page.getByRole('navigation', { name: 'Organization' }).getByRole('link', { name: 'Audit' }).click()
  await page.getByRole('cell', { name: 'Deleted the organization', exact: true }).waitFor()
  await page.getByRole('link', { name: 'Projects and settings' }).click()
  await page.getByRole('table', { name: 'Deleted projects' }).getByRole('link', { name: 'Harbour' }).click()
  await page.getByText('This project is deleted').waitFor()
})
