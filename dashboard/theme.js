// Light or dark: as the system has it, until somebody chooses.

const kKey = 'twinrun.theme';

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

export function toggleTheme() {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(kKey, theme);
}

export function startTheme() {
  const chosen = localStorage.getItem(kKey);
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  document.getElementById('theme').addEventListener('click', toggleTheme);
}
