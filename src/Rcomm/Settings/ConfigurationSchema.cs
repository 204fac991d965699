using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Rcomm.Settings;

/// <summary>The JSON Schema of rcomm.json, made from the table of settings and the shapes of its sections.</summary>
internal static class ConfigurationSchema
{
    public static string Text()
    {
        var properties = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" } };
        foreach (Setting setting in SettingCatalog.All)
        {
            properties[setting.FileKey] = new JsonObject
            {
                ["description"] = setting.Meaning,
                ["default"] = setting.Default,
                ["type"] = new JsonArray("string", "number", "boolean", "array"),
            };
        }
        properties["site"] = SiteFileJson.Default.SiteFile.GetJsonSchemaAsNode();
        properties["hosts"] = SiteFileJson.Default.ListHostFile.GetJsonSchemaAsNode();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "rcomm.json",
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = SiteFileJson.Default });
    }
}
