import { Button, Center, Group, Loader, Text } from '@mantine/core'
import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ApiProblem } from '../api/client.ts'
import { asError, Failure } from '../shared/failure.tsx'
import { LinkButton } from '../shared/links.tsx'
import { Page } from '../shared/page.tsx'

export function NotFound() {
  return (
    <Page title="There is no such page">
      <Text>The address may be mistyped, or what it showed was deleted.</Text>
      <Group>
        <LinkButton to="/">To the start</LinkButton>
      </Group>
    </Page>
  )
}

/** A page that could not be shown: what it reads, or its own code, failed. */
export function PageFailed({ error }: ErrorComponentProps) {
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  if (error instanceof ApiProblem && error.status === 404) return <NotFound />
  return (
    <Page title="This page could not be shown">
      <Failure
        error={asError(error)}
        onRetry={() => {
          queries.reset()
          void router.invalidate()
        }}
      />
      <Group>
        <Button variant="default" onClick={() => location.reload()}>
          Load the console again
        </Button>
        <LinkButton to="/" variant="default">
          To the start
        </LinkButton>
      </Group>
    </Page>
  )
}

/** Stands where a page will be, when it takes long to come. */
export function PagePending() {
  return (
    <Center mih={400}>
      <Loader aria-label="Loading" />
    </Center>
  )
}
