import { Button, Checkbox, Modal, Select, Stack, Text } from '@mantine/core'
import { SyncIcon } from '@primer/octicons-react'
import { useState } from 'react'
import { ApiProblem } from '../../api/client.ts'
import { type Credentials, rotatePass } from '../../api/passes.ts'
import { Confirm, Warning } from '../../shared/confirm.tsx'
import { useIdempotencyKey } from '../../shared/idempotency-key.ts'
import { When } from '../../shared/when.tsx'
import { CredentialsPanel } from '../credentials-panel.tsx'
import { useLeaveGuard } from '../use-leave-guard.tsx'
import { usePass } from './use-pass.ts'

const GRACE_PERIODS = [
  { value: '0', label: 'at once' },
  { value: '300', label: 'after 5 minutes' },
  { value: '3600', label: 'after an hour' },
  { value: '86400', label: 'after a day' },
  { value: '604800', label: 'after 7 days' },
  { value: '2592000', label: 'after 30 days' },
]

/** Gives the pass a new secret, which is shown once. */
export function RotationButton() {
  const { place, pass, change } = usePass()
  const [asking, setAsking] = useState(false)
  const [grace, setGrace] = useState('0')
  const [endGrace, setEndGrace] = useState(false)
  const [revokeTokens, setRevokeTokens] = useState(false)
  // Somebody else may have rotated since the pass was read.
  const [refused, setRefused] = useState(false)
  const [issued, setIssued] = useState<Credentials>()
  const keyFor = useIdempotencyKey()
  const inGrace = pass.attributes.secrets.find(secret => secret.expiresAt !== null)
  const rotate = async () => {
    const body = { gracePeriodSeconds: Number(grace), endGrace, revokeTokens }
    // The newest secret is part of it: another rotation like the one before is another one.
    const newest = pass.attributes.secrets[0]?.id
    try {
      const { meta } = await change(() => rotatePass(place, pass.id, body, keyFor({ ...body, newest })))
      setIssued(meta.credentials)
      setEndGrace(false)
      setRefused(false)
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'grace_period_running') setRefused(true)
      throw error
    }
  }
  return (
    <>
      <Button variant="default" leftSection={<SyncIcon />} onClick={() => setAsking(true)}>
        Regenerate credentials
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Regenerate the credentials"
        action="Regenerate"
        danger={grace === '0'}
        onConfirm={rotate}
      >
        <Stack gap="sm">
          <Text size="sm">The agent gets a new secret, which is shown once. Its client id stays.</Text>
          <Select
            label="The old secret stops working"
            data={GRACE_PERIODS}
            value={grace}
            allowDeselect={false}
            onChange={value => setGrace(value ?? '0')}
          />
          {grace === '0' && (
            <Warning severe>Whatever still uses the old secret fails from that moment on.</Warning>
          )}
          {(inGrace || refused) && (
            <Checkbox
              required
              label="End the grace period that is running"
              description={
                <>
                  The pass was rotated before: a secret that agents may still use would work until{' '}
                  <When at={inGrace?.expiresAt ?? null} none="the end of that" />.
                </>
              }
              checked={endGrace}
              onChange={event => setEndGrace(event.currentTarget.checked)}
            />
          )}
          <Checkbox
            label="End live tokens now"
            description="What the agent holds is refused at the very next call; it fetches another with a secret that works."
            checked={revokeTokens}
            onChange={event => setRevokeTokens(event.currentTarget.checked)}
          />
        </Stack>
      </Confirm>
      {issued && <NewCredentials credentials={issued} onClose={() => setIssued(undefined)} />}
    </>
  )
}

function NewCredentials({ credentials, onClose }: NewCredentialsProps) {
  const [copied, setCopied] = useState(credentials.clientSecret === null)
  const guard = useLeaveGuard(!copied)
  return (
    <>
      <Modal
        opened
        onClose={() => guard.close(onClose)}
        title="New credentials"
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <CredentialsPanel credentials={credentials} onCopied={() => setCopied(true)} />
          <Button onClick={() => guard.close(onClose)}>Complete</Button>
        </Stack>
      </Modal>
      {guard.question}
    </>
  )
}

interface NewCredentialsProps {
  readonly credentials: Credentials
  readonly onClose: () => void
}
