module.exports = {
    // Found beside prettier, wherever that is installed.
    plugins: [require.resolve("@prettier/plugin-xml")],
    printWidth: 120,
    tabWidth: 4,
    overrides: [
        {
            files: "*.xml",
            options: {
                printWidth: 160,
                bracketSameLine: true,
                xmlSelfClosingSpace: false,
                xmlWhitespaceSensitivity: "strict", // spaces count in what Odoo shows
            },
        },
    ],
};
