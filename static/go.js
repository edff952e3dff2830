// Sends the page's form on; its button does the same by hand.
document.querySelector("form[data-go]").submit();
