import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Menu, MenuHead, MenuLine, MenuRow } from "../../components/menu.tsx";
import { toast } from "../../components/toast.tsx";
import { api } from "../../lib/api.ts";
import { queryClient, sentence } from "../../lib/queries.ts";
import { leaveRooms } from "../../lib/room/registry.ts";
import { setTheme, THEMES, type Theme, useTheme } from "../../lib/theme.ts";

const THEME_LABEL: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** The person's own choices: the theme, and the way out. */
export function UserRows() {
  const navigate = useNavigate();
  const theme = useTheme();
  const signOut = async (): Promise<void> => {
    try {
      await api.signOut();
    } catch (error) {
      toast("fail", sentence(error));
      return;
    }
    leaveRooms();
    await navigate({ to: "/sign-in" });
    queryClient.clear();
  };
  return (
    <>
      <MenuHead>Theme</MenuHead>
      {THEMES.map((one) => (
        <MenuRow key={one} icon="sun" label={THEME_LABEL[one]} checked={theme === one} onSelect={() => setTheme(one)} />
      ))}
      <MenuLine />
      <MenuRow icon="door" label="Sign out" onSelect={() => void signOut()} />
    </>
  );
}

export function UserMenu({ trigger }: { trigger: ReactElement }) {
  return (
    <Menu trigger={trigger} side="top">
      <UserRows />
    </Menu>
  );
}
