//! Metadata of all versions, small and nasty.

use ligand_element::{File, Folder, load};
use serde_json::{Value, json};

use crate::{Choice, Document, Imported, Kind, convert};

fn import(text: &str) -> Imported {
    chosen(text, &Choice::default())
}

fn chosen(text: &str, choice: &Choice) -> Imported {
    let documents = [Document { name: "https://shop.example.com/svc/$metadata".to_owned(), text: text.to_owned() }];
    let imported = convert(Kind::OData, &documents, choice).unwrap();
    let file = File { path: "element.yaml".to_owned(), text: imported.definition.to_string() };
    load(&Folder { key: "imported".to_owned(), files: vec![file] }).unwrap_or_else(|problems| panic!("{problems:#?}"));
    imported
}

fn paths(imported: &Imported) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resources = imported.definition["resources"].as_array().unwrap().iter();
    resources
        .map(|each| format!("{} {} {}", text(&each["method"]), text(&each["path"]), text(&each["vendorPath"])))
        .collect()
}

fn resource<'a>(imported: &'a Imported, method: &str, path: &str) -> &'a Value {
    let resources = imported.definition["resources"].as_array().unwrap();
    resources.iter().find(|each| each["method"] == method && each["path"] == path).unwrap()
}

const V4: &str = r#"<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Acme.Shop.Models" Alias="Self" xmlns="http://docs.oasis-open.org/odata/ns/edm">
  <EntityType Name="Base" BaseType="Self.Loop" Abstract="true"><Key><PropertyRef Name="Code"/></Key><Property Name="Code" Type="Edm.String" Nullable="false"/></EntityType>
  <EntityType Name="Loop" BaseType="Acme.Shop.Models.Base"/>
  <EntityType Name="Product" BaseType="Self.Base" HasStream="true">
    <Property Name="Price" Type="Edm.Decimal"/><Property Name="Color" Type="Self.Color"/><Property Name="Weight" Type="Self.Grams"/>
    <Property Name="Maker" Type="Acme.Shop.Models.Address"/><Property Name="Tags" Type="Collection(Edm.String)"/>
    <NavigationProperty Name="Parts" Type="Collection(Self.Product)"/><NavigationProperty Name="Owner" Type="Self.Product"/>
  </EntityType>
  <EntityType Name="Line"><Key><PropertyRef Name="Order"/><PropertyRef Name="No"/></Key>
    <Property Name="Order" Type="Edm.Guid"/><Property Name="No" Type="Edm.Int64"/></EntityType>
  <EntityType Name="Note"><Property Name="Text" Type="Edm.String"/></EntityType>
  <ComplexType Name="Address"><Property Name="City" Type="Edm.String"/><Property Name="Next" Type="Self.Address"/></ComplexType>
  <EnumType Name="Color"><Member Name="Red"/><Member Name="Blue"/></EnumType>
  <TypeDefinition Name="Grams" UnderlyingType="Edm.Int32"/>
  <EntityContainer Name="C"><EntitySet Name="Products" EntityType="Acme.Shop.Models.Product"/>
    <EntitySet Name="Lines" EntityType="Self.Line"><Annotation Term="Org.OData.Capabilities.V1.DeleteRestrictions"><Record><PropertyValue Property="Deletable" Bool="false"/></Record></Annotation></EntitySet>
    <EntitySet Name="Notes" EntityType="Self.Note"/><EntitySet Name="Lost" EntityType="Self.None"/><EntitySet Name="od/d" EntityType="Self.Note"/>
    <Singleton Name="Me" Type="Self.Note"/><FunctionImport Name="F" Function="Self.F"/></EntityContainer>
  <Annotations Target="Self.C/Notes"><Annotation Term="Org.OData.Capabilities.V1.InsertRestrictions"><Record><PropertyValue Property="Insertable"><Bool>false</Bool></PropertyValue></Record></Annotation></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>"#;

#[test]
fn entity_sets_become_resources() {
    let shop = import(V4);
    assert_eq!((&shop.definition["name"], &shop.definition["protocolType"]), (&json!("Shop"), &json!("odata")));
    assert_eq!(
        shop.definition["configuration"][0],
        json!({ "key": "base.url", "defaultValue": "https://shop.example.com/svc" })
    );
    assert_eq!(
        paths(&shop),
        [
            "GET /Products /Products",
            "POST /Products /Products",
            "GET /Products/{id} /Products({id})",
            "PATCH /Products/{id} /Products({id})",
            "DELETE /Products/{id} /Products({id})",
            "GET /Products/{id}/content /Products({id})/$value",
            "GET /Lines /Lines",
            "POST /Lines /Lines",
            "GET /Lines/{Order}/{No} /Lines(Order={Order},No={No})",
            "PATCH /Lines/{Order}/{No} /Lines(Order={Order},No={No})",
            "GET /Notes /Notes",
            "GET /Me /Me",
            "PATCH /Me /Me",
            "GET /Products/{id}/Parts /Products({id})/Parts",
        ]
    );
    let list = resource(&shop, "GET", "/Products");
    assert_eq!((&list["rootKey"], &list["nextPageKey"]), (&json!("|value"), &json!("@odata.nextLink")));
    assert_eq!(
        list["parameters"][0],
        json!({ "name": "where", "vendorName": "$filter", "type": "query", "vendorType": "query", "converter": "toODataFilter" })
    );
    assert_eq!(resource(&shop, "GET", "/Products/{id}")["parameters"][0]["converter"], "toODataKey:Edm.String");
    assert_eq!(resource(&shop, "GET", "/Lines/{Order}/{No}")["parameters"][1]["converter"], "toODataKey:Edm.Int64");
    let object = &shop.definition["objects"][0];
    assert_eq!((&object["name"], &object["primaryKeyName"]), (&json!("Products"), &json!("Code")));
    assert_eq!(object["searchConfiguration"]["fields"], json!(["Code", "Price", "Color", "Weight", "Maker.City"]));
    let models = &list["model"]["swagger"];
    assert_eq!(models["ProductList"]["items"], json!({ "$ref": "#/definitions/Product" }));
    let product = &models["Product"];
    assert_eq!(product["x-primary-key"], json!(["Code"]));
    assert_eq!(product["properties"]["Color"], json!({ "type": "string", "enum": ["Red", "Blue"] }));
    assert_eq!(product["properties"]["Weight"], json!({ "type": "integer", "format": "int32" }));
    assert_eq!(models["Address"]["properties"]["Next"], json!({ "$ref": "#/definitions/Address" }));
    let remarks: Vec<String> = shop.remarks.iter().map(ToString::to_string).collect();
    for words in ["Lost: left out", "Notes: can only be listed", "1 functions and actions"] {
        assert!(remarks.iter().any(|remark| remark.contains(words)), "{words}: {remarks:?}");
    }
    let few = chosen(V4, &Choice { tags: vec!["Lines".to_owned()], ..Choice::default() });
    assert_eq!(few.definition["resources"].as_array().unwrap().len(), 4);
    let one = chosen(
        V4,
        &Choice {
            paths: vec!["/Products".to_owned()],
            operations: vec!["list-Products".to_owned()],
            ..Choice::default()
        },
    );
    assert_eq!(paths(&one), ["GET /Products /Products"]);
}

const V2: &str = r#"<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<Schema Namespace="ODATA_SRV" xmlns="http://schemas.microsoft.com/ado/2008/09/edm" xmlns:sap="http://www.sap.com/Protocols/SAPData">
  <EntityType Name="Order"><Key><PropertyRef Name="Id"/></Key><Property Name="Id" Type="Edm.Guid" Nullable="false"/>
    <Property Name="Total" Type="Edm.Decimal" sap:filterable="false" sap:label="The total"/><NavigationProperty Name="ToLines" Relationship="ODATA_SRV.A" FromRole="O" ToRole="L"/>
    <NavigationProperty Name="Back" Relationship="ODATA_SRV.A" FromRole="L" ToRole="O"/></EntityType>
  <Association Name="A"><End Type="ODATA_SRV.Order" Multiplicity="1" Role="O"/><End Type="ODATA_SRV.Order" Multiplicity="*" Role="L"/></Association>
  <EntityContainer Name="E" m:IsDefaultEntityContainer="true"><EntitySet Name="Orders" EntityType="ODATA_SRV.Order" sap:creatable="false" sap:deletable="false"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"#;

#[test]
fn older_versions_have_their_own_ways() {
    let orders = import(V2);
    assert_eq!(orders.definition["name"], "ODATA_SRV");
    assert_eq!(
        paths(&orders),
        [
            "GET /Orders /Orders",
            "GET /Orders/{id} /Orders({id})",
            "PATCH /Orders/{id} /Orders({id})",
            "GET /Orders/{id}/ToLines /Orders({id})/ToLines",
        ]
    );
    let change = resource(&orders, "PATCH", "/Orders/{id}");
    assert_eq!((&change["vendorMethod"], &change["rootKey"]), (&json!("POST"), &json!("|d")));
    assert!(
        change["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|each| each["name"] == "MERGE" && each["vendorName"] == "X-HTTP-Method")
    );
    let list = resource(&orders, "GET", "/Orders");
    assert_eq!((&list["rootKey"], &list["nextPageKey"]), (&json!("|d.results"), &json!("d.__next")));
    assert_eq!(list["parameters"][0]["converter"], "toODataV3Filter");
    assert_eq!(orders.definition["objects"][0]["searchConfiguration"]["fields"], json!(["Id"]));
    assert_eq!(list["model"]["swagger"]["Order"]["properties"]["Total"]["x-displayName"], "The total");
}

#[test]
fn what_is_no_metadata_is_refused() {
    let refused = |text: &str| {
        let documents = [Document { name: String::new(), text: text.to_owned() }];
        convert(Kind::OData, &documents, &Choice::default()).unwrap_err().to_string()
    };
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><Edmx>&b;</Edmx>";
    for text in ["", "{}", "<html/>", "<Edmx>", bomb, &"<Edmx>".repeat(500)] {
        assert_eq!(refused(text), "The document is not OData metadata in XML");
    }
    assert_eq!(refused("<Edmx/>"), "The document has no operation that is chosen");
}
