import { Button, Checkbox, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { endSecret, type PassSecret } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { Section } from '../../shared/section.tsx'
import { tell } from '../../shared/tell.ts'
import { inUtc, When } from '../../shared/when.tsx'
import { RotationButton } from './rotation.tsx'
import { usePass } from './use-pass.ts'

/** The secrets that work, each of which can be ended while the pass has another thing to prove itself by. */
export function Secrets() {
  const { pass } = usePass()
  const { may } = useOrganization()
  const [ending, setEnding] = useState<PassSecret>()
  const { secrets, jwks } = pass.attributes
  const mayEnd = may('pass_secrets.delete') && (secrets.length > 1 || jwks !== null)
  return (
    <Section
      title="Secrets"
      lead={
        jwks === null
          ? 'After a rotation with a grace period there are two. Once the old one has gone quiet, nothing uses it any more.'
          : 'The pass has keys as well: a secret that nothing uses any more can be ended.'
      }
      actions={may('passes.rotate') && jwks === null && <RotationButton />}
    >
      <Table.ScrollContainer minWidth={560}>
        <Table aria-label="Secrets">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Made</Table.Th>
              <Table.Th>Stops working</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th>From</Table.Th>
              {mayEnd && (
                <Table.Th>
                  <span className="unseen">End it</span>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {secrets.map(secret => (
              <Table.Tr key={secret.id}>
                <Table.Td>
                  <When at={secret.createdAt} />
                </Table.Td>
                <Table.Td>
                  <When at={secret.expiresAt} />
                </Table.Td>
                <Table.Td>
                  <When at={secret.lastUsedAt} />
                </Table.Td>
                <Table.Td>{secret.lastUsedIp ?? '–'}</Table.Td>
                {mayEnd && (
                  <Table.Td>
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={`End the secret made ${inUtc(secret.createdAt)}`}
                      onClick={() => setEnding(secret)}
                    >
                      End
                    </Button>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <EndOfSecret secret={ending} onClose={() => setEnding(undefined)} />
    </Section>
  )
}

function EndOfSecret({ secret, onClose }: EndOfSecretProps) {
  const { place, pass, change } = usePass()
  const [tokens, setTokens] = useState(false)
  return (
    <Confirm
      opened={secret !== undefined}
      onClose={onClose}
      title="End the secret"
      action="End it"
      danger
      onConfirm={async () => {
        if (!secret) return
        await change(() => endSecret(place, pass.id, secret.id, tokens))
        tell('The secret is ended.')
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          Whatever still uses it fails from that moment on.{' '}
          {secret?.expiresAt === null && pass.attributes.jwks === null && (
            <>It is the new one: the old one stops working when its grace period ends.</>
          )}
        </Text>
        <Checkbox
          label="End live tokens now"
          description="All tokens of the pass, whichever secret they were fetched with."
          checked={tokens}
          onChange={event => setTokens(event.currentTarget.checked)}
        />
      </Stack>
    </Confirm>
  )
}

interface EndOfSecretProps {
  readonly secret: PassSecret | undefined
  readonly onClose: () => void
}
