/** How a report's page looks, by light and by dark. A verdict is never told by its colour alone. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de;
  --well: #1a7f37; --ill: #b42318; --unsure: #7d4e00; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --ink: #e6e9ed; --faint: #9aa4ae; --line: #363d45;
  --well: #4ac26b; --ill: #ff8078; --unsure: #e3b341; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 88rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { color: var(--faint); } dd { margin: 0; }
.why { display: block; } .why dd { margin: 0 0 .5rem 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; min-width: 4rem; }
th[scope=col] { overflow-wrap: normal; }
th[scope=row] { min-width: 12rem; font-weight: 600; }
.pass { color: var(--well); } .diverges { color: var(--ill); font-weight: 600; } .not-driven, .not-fired { color: var(--unsure); }
`;
