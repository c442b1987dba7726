import { Paper } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { accountQuery } from '../api/account.ts'
import { createOrganization, createProject, projectsQuery } from '../api/organizations.ts'
import { WaitingInvitations } from '../people/waiting-invitations.tsx'
import { NameForm } from '../shared/name-form.tsx'
import { Page } from '../shared/page.tsx'
import { useOrganization } from './where.ts'

/** Leads to the first organization, or to making one. */
export function Home() {
  const { data: account } = useSuspenseQuery(accountQuery)
  const [first] = account.attributes.organizations
  if (first) return <Navigate to="/organizations/$orgId" params={{ orgId: first.id }} replace />
  return <FirstOrganization allowed={account.attributes.mayCreateOrganizations} />
}

/** Leads to the first project of an organization, or to making one. */
export function OrganizationHome() {
  const { id: orgId, may, deleted } = useOrganization()
  const { data: projects } = useSuspenseQuery(projectsQuery(orgId))
  const [first] = projects
  if (deleted) return <Navigate to="/organizations/$orgId/settings" params={{ orgId }} replace />
  if (first)
    return (
      <Navigate
        to="/organizations/$orgId/projects/$projectId"
        params={{ orgId, projectId: first.id }}
        replace
      />
    )
  if (may('projects.create')) return <FirstProject orgId={orgId} />
  return (
    <Page title="No projects yet">
      <Paper withBorder p="lg">
        Passes belong to a project, and this organization has none. An admin of it can create one.
      </Paper>
    </Page>
  )
}

function FirstOrganization({ allowed }: { readonly allowed: boolean }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const creation = useMutation({
    mutationFn: createOrganization,
    onSuccess: async ({ id: orgId }) => {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey })
      await navigate({ to: '/organizations/$orgId', params: { orgId } })
    },
  })
  return (
    <Page
      title="Welcome"
      lead={
        allowed
          ? 'You are in no organization yet. Create one for your team, or ask for an invitation.'
          : 'You are in no organization yet. Here the owners of the server create them: ask one of them, or an owner of an organization for an invitation.'
      }
    >
      <WaitingInvitations />
      {allowed && (
        <Paper withBorder p="lg" maw={640}>
          <NameForm label="Name of the organization" action="Create the organization" naming={creation} />
        </Paper>
      )}
    </Page>
  )
}

function FirstProject({ orgId }: { readonly orgId: string }) {
  const client = useQueryClient()
  const creation = useMutation({
    mutationFn: (name: string) => createProject(orgId, name),
    onSuccess: () => client.invalidateQueries({ queryKey: projectsQuery(orgId).queryKey }),
  })
  return (
    <Page title="The first project" lead="Passes belong to a project: what one project has, no other sees.">
      <Paper withBorder p="lg" maw={640}>
        <NameForm label="Name of the project" action="Create the project" naming={creation} />
      </Paper>
    </Page>
  )
}
