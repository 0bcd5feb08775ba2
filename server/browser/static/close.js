// Calendar opened this window and reloads its panel once it is closed.
// The person gets two seconds to read that it worked.
if (window.opener || window.history.length <= 5) setTimeout(() => window.close(), 2000);
