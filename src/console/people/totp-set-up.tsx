import { Box, Button, Center, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { QRCodeSVG } from 'qrcode.react'
import { useState } from 'react'
import { confirmTotp, type TotpSecret } from '../api/account.ts'
import { Copyable } from '../shared/copy.tsx'
import { Failure } from '../shared/failure.tsx'
import { faultsOf } from '../shared/faults.ts'

const QR_SIZE = 200

/** Hands a new secret to an authenticator app, and asks for a code of it. @param secret undefined: it is closed */
export function TotpSetUp({ secret, onClose, onDone }: TotpSetUpProps) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title="Set up one-time codes"
      closeOnClickOutside={false}
    >
      {secret && <SetUp secret={secret} onClose={onClose} onDone={onDone} />}
    </Modal>
  )
}

function SetUp({ secret, onClose, onDone }: SetUpProps) {
  const [code, setCode] = useState('')
  const confirmation = useMutation({ mutationFn: () => confirmTotp(code), onSuccess: onDone })
  const { at, rest } = faultsOf(confirmation.error, ['code'])
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        confirmation.mutate()
      }}
    >
      <Stack>
        <Text size="sm">Scan this with an authenticator app, or type the secret into it.</Text>
        <Center>
          {/* Dark on light in both schemes: not every camera reads the reverse. */}
          <Box bg="white" p="sm" lh={0} style={{ borderRadius: 'var(--mantine-radius-md)' }}>
            <QRCodeSVG value={secret.uri} size={QR_SIZE} title="QR code of the secret" role="img" />
          </Box>
        </Center>
        <Copyable value={secret.secret} label="secret" />
        <TextInput
          label="Code"
          description="The six digits that the app shows now"
          required
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          value={code}
          error={at.code && 'This is not the code of the new secret. Type the one that the app shows now.'}
          onChange={event => setCode(event.currentTarget.value)}
          data-autofocus
        />
        {rest && <Failure error={rest} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={confirmation.isPending}>
            Turn them on
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface SetUpProps {
  readonly secret: TotpSecret
  readonly onClose: () => void
  readonly onDone: () => Promise<void>
}

interface TotpSetUpProps extends Omit<SetUpProps, 'secret'> {
  readonly secret: TotpSecret | undefined
}
