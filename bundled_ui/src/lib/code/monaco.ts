/**
 * The editor itself, with only the parts we use; never imported but by `import('./monaco')`, so that
 * its chunk is fetched when the first editor is shown.
 */

import { editor, KeyCode, KeyMod, MarkerSeverity } from 'monaco-editor/editor.js';
import EditorWorker from 'monaco-editor/editor/editor.worker.js?worker';
import 'monaco-editor/features/bracketMatching/register.js';
import 'monaco-editor/features/caretOperations/register.js';
import 'monaco-editor/features/clipboard/register.js';
import 'monaco-editor/features/codeEditor/register.js';
import 'monaco-editor/features/codicon/register.js';
import 'monaco-editor/features/comment/register.js';
import 'monaco-editor/features/contextmenu/register.js';
import 'monaco-editor/features/cursorUndo/register.js';
import 'monaco-editor/features/diffEditor/register.js';
import 'monaco-editor/features/find/register.js';
import 'monaco-editor/features/folding/register.js';
import 'monaco-editor/features/gotoError/register.js';
import 'monaco-editor/features/gotoLine/register.js';
import 'monaco-editor/features/hover/register.js';
import 'monaco-editor/features/indentation/register.js';
import 'monaco-editor/features/lineSelection/register.js';
import 'monaco-editor/features/linesOperations/register.js';
import 'monaco-editor/features/multicursor/register.js';
import 'monaco-editor/features/smartSelect/register.js';
import 'monaco-editor/features/toggleTabFocusMode/register.js';
import 'monaco-editor/features/tokenization/register.js';
import 'monaco-editor/features/wordHighlighter/register.js';
import 'monaco-editor/features/wordOperations/register.js';
import { registerJson } from './languages';
import { followTheme } from './theme';

export { editorLanguage, tabSize } from './languages';
export { editor, KeyCode, KeyMod, MarkerSeverity };

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
registerJson();
followTheme();

/** Brackets in the colour of the text: colour is for what the words mean. */
export const plainBrackets = { enabled: false, independentColorPoolPerBracketType: false };

/** What every editor of ours has in common. */
export function baseOptions(): editor.IEditorOptions & editor.IGlobalEditorOptions {
  const style = getComputedStyle(document.documentElement);
  return {
    fontFamily: style.getPropertyValue('--font-mono').trim(),
    fontSize: 13,
    lineHeight: 20,
    minimap: { enabled: false },
    automaticLayout: true,
    scrollBeyondLastLine: false,
    overviewRulerLanes: 0,
    hideCursorInOverviewRuler: true,
    overviewRulerBorder: false,
    renderLineHighlightOnlyWhenFocus: true,
    lineNumbersMinChars: 3,
    padding: { top: 12, bottom: 12 },
    scrollbar: {
      verticalScrollbarSize: 10,
      horizontalScrollbarSize: 10,
      alwaysConsumeMouseWheel: false,
    },
    fixedOverflowWidgets: true,
    bracketPairColorization: plainBrackets,
    unicodeHighlight: { ambiguousCharacters: false },
    stickyScroll: { enabled: false },
    occurrencesHighlight: 'singleFile',
    folding: true,
    showFoldingControls: 'mouseover',
    contextmenu: true,
  };
}
