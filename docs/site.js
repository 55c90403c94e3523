// A table that is wider than the window scrolls inside the page: let it be reached by the keyboard too.
const reach = () =>
  document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])").forEach((wrap) => wrap.setAttribute("tabindex", "0"))
new MutationObserver(reach).observe(document.documentElement, { childList: true, subtree: true })
reach()
