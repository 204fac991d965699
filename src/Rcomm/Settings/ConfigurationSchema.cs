using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Rcomm.Settings;

/// <summary>Generates the JSON Schema of rcomm.json from the settings and the types of its sections.</summary>
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
                ["anyOf"] = Shapes(setting.Kind),
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
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = SiteFileJson.Default });
    }

    // A string can hold whatever a flag can; the other types are how people write JSON.
    private static JsonArray Shapes(ValueKind kind)
    {
        List<JsonNode> shapes = [];
        if (kind.IsSwitch) shapes.Add(new JsonObject { ["type"] = "boolean" });
        if (kind.Range is var (min, max)) shapes.Add(new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max });
        else if (kind.IsNumeric) shapes.Add(new JsonObject { ["type"] = "number", ["minimum"] = 0 });
        if (kind.IsList) shapes.Add(new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } });
        shapes.Add(kind.IsClosed
            ? new JsonObject { ["enum"] = new JsonArray([.. kind.Choices.Select(choice => (JsonNode)choice)]) }
            : new JsonObject { ["type"] = "string" });
        return new JsonArray([.. shapes]);
    }
}
