import { Button, Group, Modal, Table, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { accountQuery } from '../api/account.ts'
import {
  createOrganization,
  createProject,
  deletedProjectsQuery,
  deleteOrganization,
  type ProjectResource,
  projectsQuery,
  renameOrganization,
} from '../api/organizations.ts'
import { useOrganization } from '../layout/where.ts'
import { roleTitle } from '../people/roles.ts'
import { Confirm, Warning } from '../shared/confirm.tsx'
import { Copyable } from '../shared/copy.tsx'
import { Facts } from '../shared/facts.tsx'
import { LinkText } from '../shared/links.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { NameForm } from '../shared/name-form.tsx'
import { Page } from '../shared/page.tsx'
import { Section } from '../shared/section.tsx'
import { tell } from '../shared/tell.ts'
import { When } from '../shared/when.tsx'
import { RequiredCodes } from './required-codes.tsx'

/** An organization: its name and its projects. */
export function OrganizationSettingsPage() {
  const organization = useOrganization()
  const { data: account } = useSuspenseQuery(accountQuery)
  return (
    <Page title="Projects and settings" lead={organization.name}>
      {organization.deleted ? (
        <Warning>This organization is deleted. What was done in it can be read while it is kept.</Warning>
      ) : (
        <Projects />
      )}
      <DeletedProjects />
      <Section title="Organization">
        <Facts
          of={{
            ...(organization.may('organizations.update') ? {} : { Name: organization.name }),
            'Your role': roleTitle(organization.role),
            'Organization id': <Copyable value={organization.id} label="organization id" />,
          }}
        />
        {organization.may('organizations.update') && <Rename key={organization.id} />}
      </Section>
      {organization.may('organizations.update') && <RequiredCodes key={`codes ${organization.id}`} />}
      {account.attributes.mayCreateOrganizations && !organization.deleted && <AnotherOrganization />}
      {organization.may('organizations.delete') && <Deletion />}
    </Page>
  )
}

function Projects() {
  const { id: orgId, may } = useOrganization()
  const query = useQuery(projectsQuery(orgId))
  const [making, setMaking] = useState(false)
  return (
    <Section
      title="Projects"
      lead="Passes and API keys belong to a project. Nothing of one project is visible to another."
      actions={may('projects.create') && <Button onClick={() => setMaking(true)}>Create a project</Button>}
    >
      <Loaded query={query} height={90}>
        {projects =>
          projects.length === 0 ? (
            <Text size="sm">There is no project yet.</Text>
          ) : (
            <ProjectTable
              label="Projects"
              dateLabel="Created"
              projects={projects}
              dateOf={({ createdAt }) => createdAt}
            />
          )
        }
      </Loaded>
      <Modal opened={making} onClose={() => setMaking(false)} title="Create a project">
        <NewProject orgId={orgId} />
      </Modal>
    </Section>
  )
}

/** Those that are gone: what was done in them can be read while it is kept. */
function DeletedProjects() {
  const { id: orgId } = useOrganization()
  const query = useQuery(deletedProjectsQuery(orgId))
  if (query.data?.length === 0) return null
  return (
    <Section title="Deleted projects" lead="What was done in them can be read while it is kept.">
      <Loaded query={query} height={90}>
        {projects => (
          <ProjectTable
            label="Deleted projects"
            dateLabel="Deleted"
            projects={projects}
            dateOf={({ deletedAt }) => deletedAt ?? ''}
          />
        )}
      </Loaded>
    </Section>
  )
}

function ProjectTable({ label, dateLabel, projects, dateOf }: ProjectTableProps) {
  const { id: orgId } = useOrganization()
  return (
    <Table aria-label={label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>{dateLabel}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {projects.map(({ id: projectId, attributes }) => (
          <Table.Tr key={projectId}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <LinkText
                to="/organizations/$orgId/projects/$projectId"
                params={{ orgId, projectId }}
                size="sm"
              >
                {attributes.name}
              </LinkText>
            </Table.Td>
            <Table.Td>
              <When at={dateOf(attributes)} as="date" />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

interface ProjectTableProps {
  readonly label: string
  readonly dateLabel: string
  readonly projects: readonly ProjectResource[]
  readonly dateOf: (attributes: ProjectResource['attributes']) => string
}

function NewProject({ orgId }: { readonly orgId: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const creation = useMutation({
    mutationFn: (name: string) => createProject(orgId, name),
    onSuccess: async ({ id: projectId, attributes: { name } }) => {
      await client.invalidateQueries({ queryKey: projectsQuery(orgId).queryKey })
      await navigate({ to: '/organizations/$orgId/projects/$projectId', params: { orgId, projectId } })
      tell(`The project ${name} is created.`)
    },
  })
  return <NameForm label="Name of the project" action="Create the project" naming={creation} />
}

function Rename() {
  const { id: orgId, name } = useOrganization()
  const client = useQueryClient()
  const renaming = useMutation({
    mutationFn: (to: string) => renameOrganization(orgId, to),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey })
      tell('The organization is renamed.')
    },
  })
  return (
    <NameForm key={name} label="Name of the organization" action="Rename" initial={name} naming={renaming} />
  )
}

function Deletion() {
  const { id: orgId, name } = useOrganization()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  return (
    <Section
      title="Delete the organization"
      lead="Its projects go with it, with their passes and API keys: every live token stops at once. Who was in it can read what was done while it is kept."
    >
      <Group>
        <Button color="red" variant="outline" onClick={() => setAsked(true)}>
          Delete the organization
        </Button>
      </Group>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Delete ${name}?`}
        action="Delete the organization"
        danger
        typed={name}
        onConfirm={async () => {
          await deleteOrganization(orgId)
          // Before anything else asks for what is not there any more.
          await navigate({ to: '/account' })
          await client.invalidateQueries()
          tell(`The organization ${name} is deleted.`)
        }}
      >
        All agents of all of its projects are refused from now on, and its members are in it no more. This
        cannot be undone.
      </Confirm>
    </Section>
  )
}

function AnotherOrganization() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [making, setMaking] = useState(false)
  const creation = useMutation({
    mutationFn: createOrganization,
    onSuccess: async ({ id: orgId, attributes: { name } }) => {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey })
      await navigate({ to: '/organizations/$orgId', params: { orgId } })
      tell(`The organization ${name} is created. You are its owner.`)
    },
  })
  return (
    <Section
      title="Another organization"
      lead="With members and projects of its own. You become its owner."
      actions={
        <Button variant="default" onClick={() => setMaking(true)}>
          Create an organization
        </Button>
      }
    >
      <Modal opened={making} onClose={() => setMaking(false)} title="Create an organization">
        <NameForm label="Name of the organization" action="Create the organization" naming={creation} />
      </Modal>
    </Section>
  )
}
