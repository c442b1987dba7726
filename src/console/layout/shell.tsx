import {
  ActionIcon,
  AppShell,
  Burger,
  Center,
  Group,
  Loader,
  Menu,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { MoonIcon, PersonIcon, SunIcon } from '@primer/octicons-react'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouteContext, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import { type AccountResource, accountQuery } from '../api/account.ts'
import { Failure } from '../shared/failure.tsx'
import { LinkText } from '../shared/links.tsx'
import { tellFailure } from '../shared/tell.ts'
import { Landing } from '../sign-in/landing.tsx'
import { session } from '../sign-in/session.ts'
import { Navigation } from './navigation.tsx'
import { PagePending } from './page-states.tsx'
import { Shield } from './shield.tsx'

/** The frame of every page that needs somebody to be signed in. */
export function Shell() {
  const { refusal } = useRouteContext({ from: '__root__' })
  return session.signedIn ? <SignedInShell /> : <Landing refusal={refusal} />
}

function SignedInShell() {
  const account = useQuery(accountQuery)
  const [opened, { toggle, close }] = useDisclosure()
  const pathname = useRouterState({ select: state => state.location.pathname })
  const main = useMainOfPage(pathname, close)
  if (account.isPending)
    return (
      <Center mih="100vh" component="main">
        <Loader aria-label="Loading" />
      </Center>
    )
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 260, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close the menu' : 'Open the menu'}
              aria-expanded={opened}
            />
            <LinkText to="/" underline="never" c="inherit">
              <Group gap="xs" wrap="nowrap">
                <Shield />
                <Text fw={650}>Sentinel Pass</Text>
              </Group>
            </LinkText>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ColorScheme />
            {account.data && <AccountMenu account={account.data} />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="menu" data-closed={!opened || undefined} p="md" aria-label="Pages">
        {account.data && <Navigation account={account.data} />}
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1}>
        {account.isError ? (
          <Failure error={account.error} onRetry={() => void account.refetch()} />
        ) : (
          <Suspense fallback={<PagePending />}>
            <Outlet />
          </Suspense>
        )}
      </AppShell.Main>
    </AppShell>
  )
}

/** On another page the menu of a narrow window closes, and the keyboard stands at the content. */
function useMainOfPage(pathname: string, close: () => void) {
  const main = useRef<HTMLElement>(null)
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    close()
    main.current?.focus({ preventScroll: true })
  }, [pathname, close])
  return main
}

function ColorScheme() {
  const { setColorScheme } = useMantineColorScheme()
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark'
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Use the ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {other === 'dark' ? <MoonIcon /> : <SunIcon />}
    </ActionIcon>
  )
}

function AccountMenu({ account }: { readonly account: AccountResource }) {
  const navigate = useNavigate()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Your account">
          <PersonIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{account.attributes.email}</Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/account' })}>Your account</Menu.Item>
        <Menu.Item onClick={() => void session.signOut().catch(tellFailure)}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
