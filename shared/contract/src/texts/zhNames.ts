/**
 * Titles and descriptions of the images that come with Davit. They stand alone and are never looked for inside of a
 * sentence, where the same word may be the name that a person gave.
 */
export const zhNames: Record<string, string> = {
  'Command line': '命令行',
  Desktop: '桌面',
  JupyterLab: 'JupyterLab',
  'VS Code': 'VS Code',
  'JupyterLab and VS Code': 'JupyterLab 和 VS Code',
  'Debian 12 with Python, git and the usual tools; no editor, reached by tasks and the command line.':
    'Debian 12，含 Python、git 和常用工具；没有编辑器，通过任务和命令行使用。',
  'Visual Studio Code in the browser, with Python and git.': '浏览器中的 Visual Studio Code，含 Python 和 git。',
  'An XFCE desktop in the browser for programs with windows, with Python and git.':
    '浏览器中的 XFCE 桌面，可使用图形界面程序，含 Python 和 git。',
  'Both editors on the same files and the same Python environment.': '两个编辑器使用相同的文件和同一个 Python 环境。',
  'Notebooks, terminals and files in JupyterLab, with Python, git and resource meters.':
    'JupyterLab 中的笔记本、终端和文件，含 Python、git 和资源用量显示。',
};
