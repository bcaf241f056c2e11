// Runs before the first paint. The key and its values are those of src/lib/state/theme.svelte.ts.
try {
  var choice = JSON.parse(localStorage.getItem('wl.theme') || '"system"');
  if (choice === 'light' || choice === 'dark') document.documentElement.dataset.theme = choice;
} catch {
  // A browser that refuses storage gets the system's theme.
}
